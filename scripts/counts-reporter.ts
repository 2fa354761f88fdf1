// Shows at the end of a run what its tests counted (histories run, fault points, requests of a fuzz run), and last of all
// what failed: of a long run's output often only the end is kept.

import type { Reporter, TestCase } from 'vitest/node'

export default class CountsReporter implements Reporter {
  private readonly counts: string[] = []
  private readonly failures: string[] = []

  onTestCaseResult(test: TestCase): void {
    const file = test.module.relativeModuleId
    const { counted } = test.meta()
    if (counted !== undefined) this.counts.push(`${file}: ${counted}`)
    const { state, errors = [] } = test.result()
    if (state !== 'failed') return
    this.failures.push(`failed: ${file}: ${test.fullName}`)
    for (const { message } of errors) this.failures.push(`  ${message.split('\n', 1)}`)
  }

  onTestRunEnd(): void {
    for (const line of [...this.counts, ...this.failures]) console.log(`  ${line}`)
  }
}
