// Mocha's reporter for `test/run.ts`: a line for each file as soon as it has run, and its failures. The counts go to the folder in
// TEST_EVIDENCE, so that several runs end in one sum.
const { writeFileSync } = require('node:fs')
const { join, relative } = require('node:path')
const {
  reporters: { Base },
  Runner: { constants },
} = require('mocha')

class Progress extends Base {
  #file
  #counts = { passed: 0, failed: 0, skipped: 0 }
  #listed = 0
  #startedAt = Date.now()

  constructor(runner, options) {
    super(runner, options)
    const count = (outcome) => (test) => {
      if (test.file && test.file !== this.#file) this.#printFile(test.file)
      this.#counts[outcome]++
    }
    runner.on(constants.EVENT_TEST_PASS, count('passed'))
    runner.on(constants.EVENT_TEST_FAIL, count('failed'))
    runner.on(constants.EVENT_TEST_PENDING, count('skipped'))
    runner.once(constants.EVENT_RUN_END, () => this.#end())
  }

  /** Prints the file before this one. */
  #printFile(next) {
    const { passed, failed, skipped } = this.#counts
    const others = `${failed > 0 ? `, ${failed} FAILED` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000)
    if (this.#file) console.log(`${`${seconds} s`.padStart(6)}  ${relative('', this.#file)}: ${passed} passed${others}`)
    const failures = this.failures.slice(this.#listed).filter(({ file }) => next === undefined || file !== next)
    if (failures.length > 0) Base.list(failures)
    this.#listed += failures.length
    this.#file = next
    this.#counts = { passed: 0, failed: 0, skipped: 0 }
  }

  #end() {
    this.#printFile()
    const { passes, failures, pending } = this.stats
    const counts = JSON.stringify({ passed: passes, failed: failures, skipped: pending })
    if (process.env.TEST_EVIDENCE) writeFileSync(join(process.env.TEST_EVIDENCE, 'tests.json'), counts)
    else console.log(`\n${passes} passed, ${failures} failed, ${pending} skipped`)
  }
}

module.exports = Progress
