/** A clock that stands until it is moved; DOKU and every process can read it. */
export class TestClock {
  now = Date.parse('2026-03-01T05:00:00Z')
  readonly read = () => this.now
  pass(ms: number): void {
    this.now += ms
  }
  passSeconds(seconds: number): void {
    this.pass(seconds * 1000)
  }
}
