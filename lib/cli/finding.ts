/** One thing that was looked at. */
export interface Finding {
  /** What it is about, in a word or two. */
  readonly check: string
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly says: string
  /** What to do, when it is not well. */
  readonly fix?: string
}

const marks: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok     ',
  warning: 'WARNING',
  failed: 'FAILED ',
  skipped: 'skipped',
}

export function showFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  return findings
    .flatMap(({ check, status, says, fix }) => [
      `${marks[status]}  ${check.padEnd(width)}  ${says}`,
      ...(fix === undefined ? [] : [`${' '.repeat(width + 11)}to do: ${fix}`]),
    ])
    .join('\n')
}

export function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ status }) => status === 'failed')
}
