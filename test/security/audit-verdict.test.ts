// Reports as npm 11.19.1 prints them, shortened.

import { expect, it } from 'vitest'
import { judgeAudit } from '../../scripts/audit-verdict.ts'

const BULK = 'https://registry.npmjs.org/-/npm/v1/security/advisories/bulk'
const nothing = { summary: '', detail: '' }
const found = (total: unknown) => ({
  auditReportVersion: 2,
  vulnerabilities: {},
  metadata: { vulnerabilities: { high: total, total } },
})
const refused = (statusCode: unknown, uri = BULK) => ({
  message: `${statusCode} Refused - POST ${uri}`,
  uri,
  statusCode,
  error: nothing,
})

it.each([
  ['a clean report', found(0), 0, { kind: 'clean' }],
  ['findings', found(3), 1, { kind: 'vulnerable', count: 3 }],
  ['findings of an npm that ended well', found(3), 0, { kind: 'vulnerable', count: 3 }],
  ['a refusal', refused(405), 1, { kind: 'unasked', reason: `405 Refused - POST ${BULK}` }],
  [
    'a breakdown of the registry',
    refused(503),
    1,
    { kind: 'unasked', reason: `503 Refused - POST ${BULK}` },
  ],
  [
    'no connection',
    { message: `request to ${BULK} failed, reason: connect ECONNREFUSED 127.0.0.1:9` },
    1,
    {
      kind: 'unasked',
      reason: `request to ${BULK} failed, reason: connect ECONNREFUSED 127.0.0.1:9`,
    },
  ],
  [
    'no answer in time',
    { message: `network timeout at: ${BULK}` },
    1,
    { kind: 'unasked', reason: `network timeout at: ${BULK}` },
  ],
])('%s is understood', (_, report, status, verdict) => {
  expect(judgeAudit({ stdout: JSON.stringify(report), status })).toEqual(verdict)
})

it.each([
  ['no output', '', 1, 'npm exited with code 1 and without a report'],
  ['no output, and a good end', '', 0, 'npm exited with code 0 and without a report'],
  ['what is no JSON', 'npm ERR! broken', 1, 'npm exited with code 1 and without a report'],
  ['half a report', '{"metadata":', 0, 'npm exited with code 0 and without a report'],
  ['null', 'null', 0, 'npm exited with code 0 and without a report'],
  ['an empty report', {}, 0, 'npm exited with code 0: the report has no message'],
  ['a count that is none', found('0'), 0, 'npm exited with code 0: the report has no message'],
  [
    'a clean report of an npm that failed',
    found(0),
    1,
    'npm exited with code 1: the report has no message',
  ],
  [
    'no lock file',
    { error: { code: 'ENOLOCK', summary: 'This command requires an existing lockfile.' } },
    1,
    'npm exited with code 1: This command requires an existing lockfile.',
  ],
  [
    'a refusal of something else',
    refused(404, 'https://registry.npmjs.org/hono'),
    1,
    'npm exited with code 1: 404 Refused - POST https://registry.npmjs.org/hono',
  ],
  [
    'a status that is no refusal',
    refused(200),
    1,
    `npm exited with code 1: 200 Refused - POST ${BULK}`,
  ],
  ['a process that was ended', found(0), null, 'npm did not exit on its own'],
])('%s fails', (_, report, status, reason) => {
  const stdout = typeof report === 'string' ? report : JSON.stringify(report)
  expect(judgeAudit({ stdout, status })).toEqual({ kind: 'failed', reason })
})
