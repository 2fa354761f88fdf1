// Asks the registry for known vulnerabilities in what is deployed. A registry that cannot be asked is not a finding:
// the answer says so, and the check goes on.

import { spawnSync } from 'node:child_process'

interface Report {
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number>> }
  readonly message?: string
  readonly error?: { readonly summary?: string }
}

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 60_000,
})
const report = readReport(stdout)
const counts = report?.metadata?.vulnerabilities
if (counts === undefined) {
  const reason = report?.error?.summary || report?.message || 'no answer'
  console.log(`npm audit: not checked, the registry cannot be asked (${reason})`)
} else if (counts.total === 0) {
  console.log('npm audit: no known vulnerability in what is deployed')
} else {
  console.error(stdout)
  console.error(`npm audit: ${counts.total} known vulnerabilities in what is deployed`)
  process.exitCode = 1
}

function readReport(text: string): Report | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
