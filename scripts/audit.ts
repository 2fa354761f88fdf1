// Asks the registry for known vulnerabilities in what is deployed. A registry that cannot be asked is not a finding:
// the answer says so, and the check goes on. Whatever else keeps npm from an answer fails it.

import { spawnSync } from 'node:child_process'
import { judgeAudit } from './audit-verdict.ts'

/** npm gives up before it is ended, so that it says what happened. */
const PATIENCE = ['--fetch-timeout=20000', '--fetch-retries=1']
const TIMEOUT_MS = 120_000

const { stdout, status } = spawnSync('npm', ['audit', '--omit=dev', '--json', ...PATIENCE], {
  encoding: 'utf8',
  timeout: TIMEOUT_MS,
})
const verdict = judgeAudit({ stdout: stdout ?? '', status })
switch (verdict.kind) {
  case 'clean':
    console.log('npm audit: no known vulnerabilities in the deployed packages')
    break
  case 'unasked':
    console.log(`npm audit: not checked, because the registry is not available (${verdict.reason})`)
    break
  case 'vulnerable':
    console.error(stdout)
    console.error(`npm audit: ${verdict.count} known vulnerabilities in the deployed packages`)
    process.exitCode = 1
    break
  case 'failed':
    console.error(stdout)
    console.error(
      `npm audit: not checked, for a reason other than the registry (${verdict.reason})`,
    )
    process.exitCode = 1
}
