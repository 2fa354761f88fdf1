// Valid requests as they come sooner or later, and that a right receiver takes.

import { type Check, foreign, one, signedWith, takes } from './check.ts'

const CLOCK_SECONDS = 60
/** Of an event's data at most (docs/limits.md). */
const LARGE_BYTES = 99_000
/** As many as are valid at once during rotations (docs/contracts/delivery.md, "Signatures"). */
const MOST_SIGNATURES = 10

const withMember = (member: string) => one(({ event }) => ({ body: event({ member }) }))

/** The first one, on which all that expect `taken` stand. */
export const VALID: Check = takes(
  'valid',
  'a valid request',
  'does not take a valid request: nothing arrives. Is it the secret of this receiver, and does it know the type (--type, --data)?',
  ({ first }) => [first],
)

export const GENUINE: readonly Check[] = [
  takes(
    'retry',
    'the first event again, signed anew: a retry whose first answer was lost',
    'does not answer 2xx to an event that it has: it is sent again and again',
    ({ request, first: { id, body } }) => [request({ id, body })],
  ),
  takes(
    'replay',
    'the first request again, to the byte',
    'does not answer 2xx to a request that it has: where the answer was lost, it is sent again and again',
    ({ first }) => [first],
  ),
  takes(
    'plus-and-slash',
    'a signature with + and / in it',
    'compares something else than base64 (base64url?): most requests fail',
    one(() => ({ signatureLike: /\+.*\/|\/.*\+/ })),
  ),
  takes(
    'header-case',
    'Webhook-Id, Webhook-Timestamp, Webhook-Signature',
    'looks for headers by their case, which proxies change',
    ({ request }) => {
      const { headers, ...rest } = request()
      const renamed = Object.entries(headers).map(([name, value]) => [
        name.replaceAll(/\b[a-z]/g, (c) => c.toUpperCase()),
        value,
      ])
      return [{ ...rest, headers: Object.fromEntries(renamed) }]
    },
  ),
  takes(
    'other-key-order',
    'JSON with blanks, line breaks and its members in another order',
    'verifies JSON that it parsed and wrote again, not the bytes that came',
    one(({ data, event }) => {
      const { type, timestamp } = JSON.parse(event())
      const names = { timestamp: JSON.stringify(timestamp), type: JSON.stringify(type) }
      return {
        body: `{\n  "data": ${data},\n  "type" : ${names.type},\n  "timestamp": ${names.timestamp}\n}\n`,
      }
    }),
  ),
  takes(
    'huge-number',
    'numbers that no double holds: 12345678901234567890, 1.10, 1e400',
    'fails on numbers that are valid JSON',
    withMember('[12345678901234567890,1.10,1e400,-0]'),
  ),
  takes(
    'unicode',
    'text outside of ASCII, and escapes',
    'fails on text outside of ASCII',
    withMember('"Zoë 東京 🪝 \u2028 \\u0000 \\ud83e\\ude9d \\/"'),
  ),
  takes(
    'odd-names',
    'members named "", "__proto__" and "constructor"',
    'fails on members with unusual names',
    withMember('{"":0,"__proto__":{"a":1},"constructor":null,"toString":1}'),
  ),
  takes(
    'large-body',
    `an event of ${LARGE_BYTES / 1_000} KB, nearly the largest`,
    'refuses large events',
    withMember(`"${'x'.repeat(LARGE_BYTES)}"`),
  ),
  takes(
    'slow-body',
    'a body whose second half comes later',
    'does not wait for a body that comes slowly',
    one(({ event, slowBodyMs }) => {
      const body = event()
      return { body, pause: { afterBytes: body.length >> 1, ms: slowBodyMs } }
    }),
  ),
  takes(
    'split-character',
    'a body that is cut inside of a character',
    'makes text of each part of a body by itself: some events outside of ASCII fail, now and then',
    one(({ event }) => {
      const body = event({ member: '"🪝"' })
      const afterBytes = Buffer.from(body).indexOf(Buffer.from('🪝')) + 2
      return { body, pause: { afterBytes, ms: 50 } }
    }),
  ),
  takes(
    'unknown-type',
    'a type that it does not know',
    'refuses types that it does not know: each new one is a failure, and in time a suspension',
    one(({ event }) => ({ body: event({ of: 'hookline_check.unknown_type' }) })),
  ),
  takes(
    'out-of-order',
    'an event that is a day older than the one before, sent now',
    'refuses events that come out of order, as retries do',
    one(({ event }) => ({ body: event({ ageSeconds: 86_400 }) })),
  ),
  takes(
    'clock-behind',
    `a timestamp ${CLOCK_SECONDS} s old`,
    'allows less than a minute between its clock and the sender’s',
    one(() => ({ ageSeconds: CLOCK_SECONDS })),
  ),
  takes(
    'clock-ahead',
    `a timestamp ${CLOCK_SECONDS} s ahead`,
    'allows less than a minute between its clock and the sender’s',
    one(() => ({ ageSeconds: -CLOCK_SECONDS })),
  ),
  takes(
    'two-signatures-last',
    'two signatures, the right one last',
    'looks at the first signature alone: fails during a rotation',
    signedWith((right) => `v1,${foreign()} v1,${right}`),
  ),
  takes(
    'two-signatures-first',
    'two signatures, the right one first',
    'looks at the last signature alone, or at the header as one: fails during a rotation',
    signedWith((right) => `v1,${right} v1,${foreign()}`),
  ),
  takes(
    'other-versions',
    'signatures of versions that it does not know beside the right one',
    'fails where there is a signature of another version (v1a) beside its own',
    signedWith((right) => `v1a,${foreign()}${foreign()} v1,${right} v9,x`),
  ),
  takes(
    'ten-signatures',
    `${MOST_SIGNATURES} signatures, the right one last`,
    'looks at some of the signatures only',
    signedWith((right) =>
      [...Array.from({ length: MOST_SIGNATURES - 1 }, foreign), right]
        .map((signature) => `v1,${signature}`)
        .join(' '),
    ),
  ),
  {
    name: 'two-at-once',
    sends: 'one event twice at the same time',
    expects: 'busy',
    severity: 'risky',
    finding: 'fails on two requests for one event at once',
    requests: ({ request }) => {
      const { id, body } = request()
      return [request({ id, body }), request({ id, body })]
    },
  },
]

/** After all else. */
export const STILL_THERE: Check = takes(
  'still-there',
  'a valid request, after all others',
  'takes nothing any more after requests that it refused: whoever knows the URL can stop it',
  ({ request }) => [request()],
)
