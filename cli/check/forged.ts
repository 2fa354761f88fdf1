// Requests that nobody with the secret made, or not now, and that a right receiver refuses.

import { type Check, foreign, one, refuses, signedWith } from './check.ts'
import { hmac, type Signed } from './signing.ts'

/** Longer than clocks differ, and than any receiver should allow (300 s is usual). */
const TOO_OLD_SECONDS = 900
/** Signed over something else. */
const over = (content: (signed: Signed) => string) =>
  one(({ secret }) => ({
    signature: (_, signed) => `v1,${hmac(secret.key, content(signed))}`,
  }))
/** Signed with something else. */
const withKey = (key: (text: string) => Buffer | string) =>
  one(({ secret }) => ({
    signature: (_, { id, timestamp, body }) =>
      `v1,${hmac(key(secret.text), `${id}.${timestamp}.${body}`)}`,
  }))
const base64Of = (text: string) => text.slice('whsec_'.length)

const swapCase = (text: string) =>
  [...text].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('')

const SIGNED_OTHERWISE = 'verifies otherwise than Standard Webhooks says: '

export const FORGED: readonly Check[] = [
  refuses(
    'no-signature',
    'no webhook-signature',
    'takes requests without a signature',
    one(() => ({ without: ['webhook-signature'] })),
  ),
  refuses(
    'no-headers',
    'none of the three headers',
    'takes requests without any of the three headers',
    one(() => ({ without: ['webhook-id', 'webhook-timestamp', 'webhook-signature'] })),
  ),
  refuses(
    'empty-header',
    'an empty webhook-signature',
    'takes an empty header',
    signedWith(() => ''),
  ),
  refuses(
    'empty-signature',
    '"v1," alone',
    'takes an empty signature',
    signedWith(() => 'v1,'),
  ),
  refuses(
    'bad-signature',
    'a signature of random bytes',
    'does not verify signatures: whoever knows the URL can send events',
    signedWith(() => `v1,${foreign()}`),
  ),
  refuses(
    'short-signature',
    'the beginning of the right signature',
    'compares only as much as it is given: a signature of one character can be guessed',
    signedWith((right) => `v1,${right.slice(0, 8)}`),
  ),
  refuses(
    'prefix-of-signature',
    'the right beginning and a wrong end',
    'compares the beginning of signatures alone',
    signedWith((right) => {
      const end = right.endsWith('AAAA=') ? 'BBBBBBBBBBBBBBBBBBBA=' : 'AAAAAAAAAAAAAAAAAAAA='
      return `v1,${right.slice(0, -end.length)}${end}`
    }),
  ),
  refuses(
    'end-of-signature',
    'a wrong beginning and the right end',
    'compares the end of signatures alone',
    signedWith((right) => `v1,${foreign().slice(0, 20)}${right.slice(20)}`),
  ),
  refuses(
    'signature-case',
    'the right signature with small and capital letters swapped',
    'compares signatures without regard to case',
    signedWith((right) => `v1,${swapCase(right)}`),
  ),
  refuses(
    'other-version',
    'the right signature as version v0',
    'takes versions of signatures that it does not know',
    signedWith((right) => `v0,${right}`),
  ),
  refuses(
    'other-header',
    'a signature over the body alone in x-webhook-signature',
    'takes another header instead, with a signature that is good for ever',
    one(({ secret, event }) => {
      const body = event()
      const signature = hmac(secret.key, body)
      const names = ['x-webhook-signature', 'x-signature', 'x-hub-signature-256']
      const headers = Object.fromEntries(names.map((name) => [name, signature]))
      return { body, headers, without: ['webhook-signature'] }
    }),
  ),
  refuses(
    'body-alone',
    'a signature over the body alone',
    `${SIGNED_OTHERWISE}over the body alone`,
    over(({ body }) => body),
  ),
  refuses(
    'without-id',
    'a signature over timestamp and body',
    `${SIGNED_OTHERWISE}without the id, so that a request can be sent again under another`,
    over(({ timestamp, body }) => `${timestamp}.${body}`),
  ),
  refuses(
    'without-timestamp',
    'a signature over id and body',
    `${SIGNED_OTHERWISE}without the timestamp, so that a request is good for ever`,
    over(({ id, body }) => `${id}.${body}`),
  ),
  refuses(
    'secret-as-text',
    'signed with the secret’s text',
    `${SIGNED_OTHERWISE}with the secret’s text, which is base64 of the key after "whsec_"`,
    withKey((text) => text),
  ),
  refuses(
    'secret-not-decoded',
    'signed with what follows whsec_, as text',
    `${SIGNED_OTHERWISE}with what follows "whsec_" as text, which is base64 of the key`,
    withKey(base64Of),
  ),
  refuses(
    'prefix-decoded',
    'signed with the whole secret decoded as base64',
    `${SIGNED_OTHERWISE}with the prefix "whsec_" decoded as if it were base64, too`,
    withKey((text) => Buffer.from(text, 'base64')),
  ),
  refuses(
    'empty-key',
    'signed with an empty key',
    'verifies with an empty key: is its secret set?',
    withKey(() => ''),
  ),
  refuses(
    'hexadecimal',
    'the right signature in hexadecimal',
    `${SIGNED_OTHERWISE}in hexadecimal`,
    signedWith((right) => `v1,${Buffer.from(right, 'base64').toString('hex')}`),
  ),
  refuses(
    'changed-body',
    'another body than was signed',
    'does not verify the body',
    one(({ event }) => ({ bytes: Buffer.from(event({ member: '"changed"' })) })),
  ),
  refuses(
    'rewritten-body',
    'the same JSON as was signed, with blanks in it',
    'verifies JSON that it parsed and wrote again, not the bytes that came',
    one(({ event }) => {
      const body = event()
      return { body, bytes: Buffer.from(body.replace('{"type":', '{ "type": ')) }
    }),
  ),
  refuses(
    'longer-body',
    'a line break after what was signed',
    'does not verify all of the body',
    one(({ event }) => {
      const body = event()
      return { body, bytes: Buffer.from(`${body}\n`) }
    }),
  ),
  refuses(
    'changed-id',
    'another id than was signed',
    'does not verify the id, so that a request can be sent again under another',
    one(() => ({ headers: { 'webhook-id': 'check_changed' } })),
  ),
  refuses(
    'changed-timestamp',
    'another timestamp than was signed',
    'does not verify the timestamp, so that a request is good for ever',
    one(() => ({
      ageSeconds: 5,
      headers: { 'webhook-timestamp': `${Math.floor(Date.now() / 1_000)}` },
    })),
  ),
  refuses(
    'old-timestamp',
    `a request of ${TOO_OLD_SECONDS / 60} minutes ago`,
    'takes old requests: whoever recorded one can send it again',
    one(() => ({ ageSeconds: TOO_OLD_SECONDS })),
  ),
  refuses(
    'future-timestamp',
    `a request of ${TOO_OLD_SECONDS / 60} minutes from now`,
    'takes requests of the future, which are good for longer than they should be',
    one(() => ({ ageSeconds: -TOO_OLD_SECONDS })),
  ),
  {
    ...refuses(
      'no-timestamp',
      'a timestamp that is no number',
      'takes a timestamp that is no number: it compares with NaN',
      one(() => ({ timestamp: 'yesterday' })),
    ),
    severity: 'risky',
  },
  refuses(
    'empty-timestamp',
    'an empty timestamp',
    'takes a request without a time, which is good for ever',
    one(() => ({ headers: { 'webhook-timestamp': '' } })),
  ),
  refuses(
    'odd-signature',
    'a webhook-signature of blanks and commas',
    'takes a header that says nothing',
    signedWith(() => 'v1 ,, v1, ,v1 %00 v1,====,=='),
  ),
  {
    ...refuses(
      'get',
      'a GET',
      'answers 2xx to a GET: whoever looks at the URL seems to deliver',
      ({ request }) => [{ ...request(), method: 'GET', headers: {}, bytes: Buffer.alloc(0) }],
    ),
    severity: 'minor',
  },
]
