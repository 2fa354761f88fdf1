// Shows what tests counted (histories run, fault points, requests of a fuzz run) at the end of a run.

import type { Reporter, TestCase } from 'vitest/node'

export default class CountsReporter implements Reporter {
  private readonly counts: string[] = []

  onTestCaseResult(test: TestCase): void {
    const { counted } = test.meta()
    if (counted !== undefined) this.counts.push(`${test.module.relativeModuleId}: ${counted}`)
  }

  onTestRunEnd(): void {
    for (const line of this.counts) console.log(`  ${line}`)
  }
}
