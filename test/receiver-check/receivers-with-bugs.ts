// More than sixty receivers with one thing wrong each, and the findings of which one is to tell its owner. Some can be seen by nobody
// from outside: they count as not found.

import { createHmac } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { KNOWN_TYPE, member, pause, RIGHT, SECRET, type Steps, seconds } from './receiver.ts'

export interface Bug {
  readonly name: string
  /** Any of them tells the owner what is wrong. */
  readonly found: readonly string[]
  readonly change: Partial<Steps>
}

const bug = (name: string, found: string, change: Partial<Steps>): Bug => ({
  ...{ name, change },
  found: found.split(' '),
})
const within = (timestamp: string, ms: number) => Math.abs(Date.now() - seconds(timestamp)) <= ms
const rewritten = (text: string) => JSON.stringify(JSON.parse(text))
const all = (header: string) => header.split(' ').map((entry) => entry.split(',')[1] ?? '')
const over = (content: Steps['content']): Partial<Steps> => ({ content })
const answers = (answer: Steps['answer']): Partial<Steps> => ({ answer })
const refusing = (status: number, when: Steps['types']) => ({
  types: (type: unknown) => (when(type) === null ? null : status),
})
/** Good as well: a request whose content is signed otherwise. */
const alsoOver = (content: Steps['content']): Partial<Steps> => ({
  isExempt: (came) =>
    RIGHT.signatures(came.signature).includes(RIGHT.sign(RIGHT.key(SECRET), content(came))),
})
const ENDLESS = '…'
const hangs = { respond: () => {} }

const VERIFYING: readonly Bug[] = [
  bug('verifies nothing', 'bad-signature', { isExempt: () => true }),
  bug('takes a missing header', 'no-signature', { isExempt: ({ signature }) => signature === '' }),
  bug('takes requests without headers', 'no-headers', {
    isExempt: ({ id, timestamp, signature }) => id + timestamp + signature === '',
  }),
  bug('takes an empty signature', 'empty-signature', {
    equal: (given, right) => given === '' || RIGHT.equal(given, right),
  }),
  bug('looks whether there is a signature', 'bad-signature', {
    equal: (given) => given.length > 3,
  }),
  bug('compares as much as it is given', 'short-signature', {
    equal: (given, right) => given !== '' && right.startsWith(given),
  }),
  bug('compares ten characters', 'prefix-of-signature', {
    equal: (given, right) =>
      given.length === right.length && given.slice(0, 10) === right.slice(0, 10),
  }),
  bug('compares the end', 'end-of-signature', {
    equal: (given, right) => given.slice(-8) === right.slice(-8),
  }),
  bug('compares without case', 'signature-case', {
    equal: (given, right) => given.toLowerCase() === right.toLowerCase(),
  }),
  bug('compares lengths', 'bad-signature', {
    equal: (given, right) => given.length === right.length,
  }),
  bug('searches the header for the signature', 'other-version', {
    signatures: (header) => all(header),
  }),
  bug('takes version v0', 'other-version', {
    signatures: (header) => RIGHT.signatures(header.replaceAll('v0,', 'v1,')),
  }),
  bug('base64url', 'plus-and-slash', {
    sign: (key, content) => RIGHT.sign(key, content).replaceAll('+', '-').replaceAll('/', '_'),
  }),
  bug('base64 without padding', 'valid', {
    sign: (key, content) => RIGHT.sign(key, content).replaceAll('=', ''),
  }),
  bug('hexadecimal', 'hexadecimal', {
    sign: (key, content) => createHmac('sha256', key).update(content).digest('hex'),
  }),
  bug('SHA-1', 'valid', {
    sign: (key, content) => createHmac('sha1', key).update(content).digest('base64'),
  }),
  bug('looks at the first signature', 'two-signatures-last', {
    signatures: (header) => RIGHT.signatures(header).slice(0, 1),
  }),
  bug('looks at the last signature', 'two-signatures-first', {
    signatures: (header) => RIGHT.signatures(header).slice(-1),
  }),
  bug('takes the header for one signature', 'two-signatures-first', {
    signatures: (header) => [header.slice('v1,'.length)],
  }),
  bug('looks at five signatures', 'ten-signatures', {
    signatures: (header) => RIGHT.signatures(header).slice(0, 5),
  }),
  bug('refuses where there is another version', 'other-versions', {
    signatures: (header) => (/v1a,/.test(header) ? [] : RIGHT.signatures(header)),
  }),
  bug('the secret as text', 'secret-as-text', { key: (secret) => secret }),
  bug('the secret not decoded', 'secret-not-decoded', { key: (secret) => secret.slice(6) }),
  bug('the prefix decoded', 'prefix-decoded', { key: (secret) => Buffer.from(secret, 'base64') }),
  bug('no secret set', 'empty-key', { key: () => '' }),
  bug('headers by their case', 'header-case', {
    headerOf: ({ rawHeaders }, name) => rawHeaders[rawHeaders.indexOf(name) + 1] ?? '',
  }),
  bug('another header too', 'other-header', {
    isExempt: ({ headers, bytes }) =>
      headers['x-webhook-signature'] === RIGHT.sign(RIGHT.key(SECRET), bytes),
  }),
  bug('another header instead', 'valid', {
    headerOf: ({ headers }, name) => String(headers[name.replace('webhook-', 'svix-')] ?? ''),
  }),
]

const SIGNED_CONTENT: readonly Bug[] = [
  bug('JSON written again', 'other-key-order rewritten-body', {
    content: ({ id, timestamp, bytes }) => `${id}.${timestamp}.${rewritten(bytes.toString())}`,
  }),
  bug('JSON with its names in order', 'valid', {
    content: ({ id, timestamp, bytes }) => {
      const names = Object.entries(JSON.parse(bytes.toString())).toSorted()
      return `${id}.${timestamp}.${JSON.stringify(Object.fromEntries(names))}`
    },
  }),
  bug('trimmed', 'longer-body', {
    content: ({ id, timestamp, bytes }) => `${id}.${timestamp}.${bytes.toString().trim()}`,
  }),
  bug(
    'without the id',
    'without-id',
    over(({ timestamp, bytes }) => `${timestamp}.${bytes}`),
  ),
  bug(
    'without the timestamp',
    'without-timestamp',
    over(({ id, bytes }) => `${id}.${bytes}`),
  ),
  bug(
    'the body alone',
    'body-alone',
    over(({ bytes }) => bytes),
  ),
  bug(
    'the body alone, too',
    'body-alone',
    alsoOver(({ bytes }) => bytes),
  ),
  bug(
    'without the timestamp, too',
    'without-timestamp',
    alsoOver(({ id, bytes }) => `${id}.${bytes}`),
  ),
  bug('ASCII', 'unicode', {
    content: ({ id, timestamp, bytes }) => Buffer.from(`${id}.${timestamp}.${bytes}`, 'latin1'),
  }),
  bug('text of each part', 'split-character', {
    async readBody(request) {
      let text = ''
      for await (const part of request) text += Buffer.from(part).toString()
      return Buffer.from(text)
    },
  }),
]

const TIMES: readonly Bug[] = [
  bug('no tolerance', 'old-timestamp', { isFresh: () => true }),
  bug('a day', 'old-timestamp', { isFresh: (timestamp) => within(timestamp, 86_400_000) }),
  bug('300 ms', 'clock-behind', { isFresh: (timestamp) => within(timestamp, 1_300) }),
  bug('the future', 'future-timestamp', {
    isFresh: (timestamp) => Date.now() - seconds(timestamp) <= 300_000 && timestamp !== '',
  }),
  bug('nothing of the future', 'clock-ahead', {
    isFresh: (timestamp) => within(timestamp, 300_000) && seconds(timestamp) <= Date.now(),
  }),
  bug('NaN', 'no-timestamp', {
    isFresh: (timestamp) => !(Math.abs(Date.now() - seconds(timestamp)) > 300_000),
  }),
  bug('milliseconds', 'valid', {
    isFresh: (timestamp) => Math.abs(Date.now() - Number(timestamp)) <= 300_000,
  }),
]

const HANDLING: readonly Bug[] = [
  bug(
    'duplicates are 409',
    'retry',
    answers(async ({ isDuplicate, status }) => [isDuplicate ? 409 : status, '']),
  ),
  bug(
    'duplicates are 500',
    'retry',
    answers(async ({ isDuplicate, status }) => [isDuplicate ? 500 : status, '']),
  ),
  bug(
    'unknown types are 400',
    'unknown-type',
    refusing(400, (type) => (type === KNOWN_TYPE ? null : 400)),
  ),
  bug('huge numbers', 'huge-number', {
    parse(text) {
      if (/\d{17}/.test(text)) throw new Error('out of range')
      return JSON.parse(text)
    },
  }),
  bug('out of order is 409', 'out-of-order', {
    answer: async ({ event, status }, store) => {
      const time = String(member(event, 'timestamp') ?? store.lastTime)
      const isOld = Date.parse(time) < Date.parse(store.lastTime) - 60_000
      if (!isOld && status === 204) store.lastTime = time
      return [isOld ? 409 : status, '']
    },
  }),
  bug('two at once are 500', 'two-at-once', {
    answer: async ({ came, status }, { busy }) => {
      if (busy.has(came.id)) return [500, 'duplicate key']
      busy.add(came.id)
      await pause(30)
      busy.delete(came.id)
      return [status, '']
    },
  }),
  bug('10 KB', 'large-body', { mostBytes: 10_000 }),
  bug('slow bodies', 'slow-body', {
    async readBody(request, response) {
      const timer = setTimeout(() => response.writeHead(408).end(), 100)
      const bytes = Buffer.concat(await request.toArray())
      clearTimeout(timer)
      if (response.headersSent) throw new Error('too late')
      return bytes
    },
  }),
  bug('handles duplicates', 'handled-once', { isNew: () => true }),
  bug('handles, then verifies', 'handled-forged', {
    before: (_, store) => {
      store.handled++
      return null
    },
  }),
]

const ANSWERING: readonly Bug[] = [
  bug(
    'redirects',
    'valid',
    answers(async () => [302, '']),
  ),
  bug('answers late where there is work', 'slow-answer', {
    answer: async ({ status, isDuplicate }, { seen }) => {
      if (status === 204 && !isDuplicate && seen.size === 1) await pause(1_500)
      return [status, '']
    },
  }),
  bug('never answers', 'valid', hangs),
  bug('hangs where it refuses', 'no-answer', {
    respond: (response, status, text) => {
      if (status === 204) response.writeHead(status).end(text)
    },
  }),
  bug('does not end the answer to a duplicate', 'endless-answer', {
    answer: async ({ status, isDuplicate }) => [status, isDuplicate ? ENDLESS : ''],
    respond: (response, status, text) => {
      if (text === ENDLESS) response.writeHead(200).write(text)
      else response.writeHead(status).end()
    },
  }),
  bug('takes a GET', 'get', {
    methods: ['POST', 'GET'],
    isExempt: ({ bytes }) => bytes.length === 0,
    parse: (text) => JSON.parse(text || '{}'),
  }),
  bug(
    'tells the right signature',
    'leaks-signature',
    answers(async ({ status, right }) => [status, status === 401 ? `expected ${right}` : '']),
  ),
  bug(
    'tells its secret',
    'leaks-secret',
    answers(async ({ status }) => [status, status === 401 ? `wrong for ${SECRET}` : '']),
  ),
  bug(
    'tells where it failed',
    'leaks-stack',
    answers(async ({ status }) => [status, status === 401 ? String(new Error('no').stack) : '']),
  ),
  bug(
    '500 where it refuses',
    'fault-for-refusal',
    answers(async ({ status }) => [status === 401 ? 500 : status, '']),
  ),
  bug(
    '500 for what is no JSON',
    'not-json',
    answers(async ({ status, error }) => [error === null ? status : 500, '']),
  ),
  bug('broken gzip', 'gzip-broken', {
    before: ({ headers, bytes }) => {
      if (headers['content-encoding'] === 'gzip') gunzipSync(bytes)
      return null
    },
  }),
  bug('shuts out after ten refusals', 'still-there', {
    before: (_, { refused }) => (refused > 10 ? 403 : null),
  }),
]

const UNSEEN: readonly Bug[] = [
  bug('compares in a time that tells', '', { equal: (given, right) => given === right }),
  bug('answers before it has stored', '', {
    isNew(id, seen) {
      setTimeout(() => seen.add(id), 5)
      return RIGHT.isNew(id, seen)
    },
  }),
  bug('forgets ids after a second', '', {
    isNew(id, seen) {
      setTimeout(() => seen.delete(id), 1_000)
      return RIGHT.isNew(id, seen)
    },
  }),
  bug('fourteen minutes', '', { isFresh: (timestamp) => within(timestamp, 840_000) }),
]

export const BUGS: readonly Bug[] = [
  ...VERIFYING,
  ...SIGNED_CONTENT,
  ...TIMES,
  ...HANDLING,
  ...ANSWERING,
  ...UNSEEN,
]
