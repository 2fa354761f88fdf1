// What an `npm audit --json` says about itself: that all is clean, that something was found, that the registry cannot be
// asked, or none of these. Only the first and the third let a build go on.

export type AuditVerdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'vulnerable'; readonly count: number }
  /** The registry refuses to be asked, or cannot be reached. */
  | { readonly kind: 'unasked'; readonly reason: string }
  /** Nothing is known. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface AuditRun {
  readonly stdout: string
  /** The exit code; null for a process that was ended or never began. */
  readonly status: number | null
}

/** Where npm 11 asks (@npmcli/arborist, lib/audit-report.js), and earlier ones ask next. */
const ENDPOINT = /\/-\/npm\/v1\/security\/(?:advisories\/bulk|audits\/quick)\b/

/** A request that got no answer, in the words of npm's client (minipass-fetch). */
const NO_ANSWER = /^(?:request to \S+ failed, reason: |network timeout at: \S+)/

/** The verdict of a run that has ended. */
export function judgeAudit({ stdout, status }: AuditRun): AuditVerdict {
  if (status === null) return { kind: 'failed', reason: 'npm did not exit on its own' }
  const report = parse(stdout)
  if (report === null)
    return { kind: 'failed', reason: `npm exited with code ${status} and without a report` }
  return judgeReport(report, status)
}

function judgeReport(report: object, status: number): AuditVerdict {
  const count = member(member(member(report, 'metadata'), 'vulnerabilities'), 'total')
  if (typeof count === 'number' && count > 0) return { kind: 'vulnerable', count }
  if (count === 0 && status === 0) return { kind: 'clean' }
  const message = textOf(report, 'message')
  const code = member(report, 'statusCode')
  const isRefused = typeof code === 'number' && code >= 400 && code <= 599
  if (isRefused && ENDPOINT.test(textOf(report, 'uri'))) return { kind: 'unasked', reason: message }
  if (NO_ANSWER.test(message) && ENDPOINT.test(message)) return { kind: 'unasked', reason: message }
  const error = member(report, 'error')
  const reason = textOf(error, 'summary') || message || 'the report has no message'
  return { kind: 'failed', reason: `npm exited with code ${status}: ${reason}` }
}

function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textOf(value: unknown, name: string): string {
  const text = member(value, name)
  return typeof text === 'string' ? text : ''
}
