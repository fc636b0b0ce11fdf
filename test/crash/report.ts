const examplesAtMost = 5
const longestLine = 400

/** What was checked, and what came of it. */
export class Report {
  #passed = 0
  #failed = 0

  /** Passes when nobody complains. */
  check(name: string, complaints: readonly string[]): void {
    const isPassed = complaints.length === 0
    if (isPassed) this.#passed += 1
    else this.#failed += 1
    console.log(`  ${isPassed ? 'ok  ' : 'FAIL'} ${name}`)
    for (const complaint of complaints.slice(0, examplesAtMost))
      console.log(`         ${complaint.slice(0, longestLine)}`)
    if (complaints.length > examplesAtMost) console.log(`         and ${complaints.length - examplesAtMost} more`)
  }

  say(text: string): void {
    console.log(text)
  }

  /** The counts, in the words that .ci/run adds up. Returns the exit code. */
  finish(): number {
    console.log(`\n  ${this.#passed} passing\n  ${this.#failed} failing`)
    return this.#failed === 0 ? 0 : 1
  }
}
