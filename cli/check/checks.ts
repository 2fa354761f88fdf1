// All checks, in the order in which they are made.

import { gzipSync } from 'node:zlib'
import { type Check, one } from './check.ts'
import { FORGED } from './forged.ts'
import { GENUINE, STILL_THERE, VALID } from './genuine.ts'
import { hmac } from './signing.ts'

const survives = (
  name: string,
  sends: string,
  finding: string,
  change: Check['requests'],
): Check => ({
  ...{ name, sends, finding, requests: change },
  ...{ expects: 'survived', severity: 'minor' },
})
const broken: readonly Check[] = [
  survives(
    'not-json',
    'a signed body that is no JSON',
    'fails on a body that is no JSON, instead of refusing it',
    one(() => ({ body: '{"type":' })),
  ),
  survives(
    'empty-body',
    'a signed body of nothing',
    'fails on an empty body, instead of refusing it',
    one(() => ({ body: '' })),
  ),
  survives(
    'gzip-broken',
    'a body that says it is gzip and is not',
    'fails on a body that is not what its content-encoding says',
    one(() => ({ body: 'not gzip', headers: { 'content-encoding': 'gzip' } })),
  ),
]

/** Of a receiver that says it takes gzip (`accept-encoding` of an answer: RFC 9110, section 12.5.3). */
export const GZIP: Check = {
  name: 'gzip',
  sends: 'a valid body, compressed, where an answer said that it takes gzip',
  expects: 'taken',
  severity: 'minor',
  finding: 'says that it takes gzip, and does not',
  requests: one(({ secret: { key }, event }) => {
    const body = event()
    const bytes = gzipSync(body)
    return {
      body,
      bytes,
      headers: { 'content-encoding': 'gzip' },
      // Standard Webhooks does not say which of the two is signed.
      signature: (right, { id, timestamp }) =>
        `v1,${right} v1,${hmac(key, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), bytes]))}`,
    }
  }),
}

export const CHECKS: readonly Check[] = [VALID, ...GENUINE, ...FORGED, ...broken, GZIP, STILL_THERE]
