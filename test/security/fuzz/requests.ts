// Requests of a route: legal ones, and ones with something hostile in the path, the query, the headers, the
// credential, the body or the way it is sent. A failing one is shown as the curl that makes it.

import fc from 'fast-check'
import { z } from 'zod'
import { fromSchema, type Stock } from './from-schema.ts'
import { anyJson, hostileText, NAMES } from './hostile-json.ts'
import { write } from './json-node.ts'
import type { FuzzRoute } from './routes.ts'
import type { Party, World } from './world.ts'

type HeaderLine = readonly [name: string, value: string]

/** How a body travels. */
type Travel =
  | 'whole'
  | 'chunked'
  | 'broken UTF-8'
  | 'UTF-16'
  | 'gzip'
  | 'claims 9 GB'
  | 'claims 1 byte'

export interface FuzzBody {
  readonly text: string
  readonly travel: Travel
}

/** With names in angle brackets for ids that change while the fuzz goes on. */
export interface Asked {
  readonly route: FuzzRoute
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: readonly HeaderLine[]
  readonly body: FuzzBody | null
}

export interface Grounds {
  readonly world: World
  readonly me: Party
  readonly other: Party
  /** Cursors that lists gave out, to both parties. */
  readonly cursors: readonly string[]
}

// ---------------------------------------------------------------- the parts

const HOSTILE_SEGMENTS = [
  '..',
  '.',
  '%2e%2e',
  '%2F',
  'a%2Fb',
  '%00',
  '%',
  '%zz',
  '%E0%A4%A',
  '%ED%A0%80',
  'null',
  'list',
  'resend',
  '__proto__',
  'constructor',
  '%F0%9F%A6%9C',
  '%e2%80%ae',
  "'%20OR%201=1--",
  '0',
  '-1',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '7ZZZZZZZZZZZZZZZZZZZZZZZZZ',
  'ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
  'UUUUUUUUUUUUUUUUUUUUUUUUUU',
  'x'.repeat(600),
  'x'.repeat(20_000),
  '%41'.repeat(5_000),
  ':id',
  '*',
  '{webhookId}',
  'a;b=c',
  'a b',
]

const HOSTILE_VALUES = [
  '',
  '0',
  '-1',
  '1e3',
  '١',
  '９９',
  '999999999',
  '9999999999999999999999',
  'true',
  'TRUE',
  '%00',
  '%',
  '%ff%fe',
  '%ED%A0%80',
  'a%26b%3Dc',
  '__proto__',
  'constructor',
  'socotra',
  '%F0%9F%A6%9C'.repeat(50),
  'a,'.repeat(3_000),
  '.'.repeat(256),
  'x'.repeat(20_000),
  'x'.repeat(1_000_000),
  '2026-11-22T10:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '2026-11-22T10:00:00%2B23:59',
]

const base64Url = (text: string) =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const NO_ID = '00000000-0000-0000-0000-000000000000'

/** Forged: what a cursor could say, as lists write it and in a paging token. */
const FORGED_CURSORS = [
  ...['tenants', 'keys', 'webhooks', 'events', 'diverted', 'dead-letters'].map(
    (list) => `${list}.${NO_ID}`,
  ),
  `secrets.${NO_ID}.${NO_ID}`,
  'templates.0',
  'templates.999999999',
  'attempts.0.0',
  'attempts.9999999999999999.999999999',
  `events.${NO_ID}.0`,
  'events.__proto__',
  ...forgedTokens(),
]

function forgedTokens(): readonly string[] {
  return [
    '{}',
    '[]',
    'null',
    '5',
    '"a"',
    '[[]]',
    '{"v":1}',
    '{"v":2,"after":"a"}',
    '{"v":1,"after":""}',
    '{"v":1,"after":"a"}',
    '{"v":1,"after":{"a":1}}',
    '{"v":1,"after":"\\u0000"}',
    '{"v":1,"after":"\\ud800"}',
    '{"v":1,"after":"a","__proto__":1}',
    '{"v":1,"offset":0}',
    '{"v":1,"offset":-5}',
    '{"v":1,"offset":1.5}',
    '{"v":1,"offset":1e400}',
    '{"v":1,"offset":9007199254740991}',
    '{"v":1,"offset":1}',
    '[0,0]',
    '[-1,0]',
    '[9007199254740991,9007199254740991]',
    '[1,1e308]',
    '["a"]',
    '["00000000-0000-0000-0000-000000000000"]',
    '["ffffffff-ffff-ffff-ffff-ffffffffffff"]',
    '{"type":"a"}',
    '{"startTimestamp":"never"}',
    '{"pageSize":"1e9","cursor":"x"}',
    '{"cursor":"x"}',
    `{"cursor":"events.${NO_ID}"}`,
    `{"cursor":"diverted.${NO_ID}"}`,
    '{"type":"__proto__","extra":1}',
    `${'['.repeat(500)}`,
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  ].map(base64Url)
}

/** As far as `Headers` lets them through; what it does not cannot reach the Worker either. */
const HOSTILE_HEADERS: readonly HeaderLine[] = [
  ['content-type', ''],
  ['content-type', 'text/plain'],
  ['ce-id', '%ff'],
  ['ce-specversion', '1.0'],
  ['ce-__proto__', 'x'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', 'multipart/form-data; boundary=x'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/json; charset="'],
  ['content-type', ';;;,,,'],
  ['content-type', 'application/cloudevents+json'],
  ['content-type', 'APPLICATION/CloudEvents-Batch+JSON ; charset=utf-8'],
  ['content-type', 'application/cloudevents+xml'],
  ['content-type', '__proto__'],
  ['content-type', 'x'.repeat(8_000)],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'br, gzip'],
  ['transfer-encoding', 'chunked'],
  ['content-length', '-1'],
  ['content-length', 'NaN'],
  ['content-length', '1e999'],
  ['x-http-method-override', 'DELETE'],
  ['x-method-override', 'PUT'],
  ['idempotency-key', ''],
  ['idempotency-key', 'a b'],
  ['idempotency-key', 'a, a'],
  ['idempotency-key', 'x'.repeat(256)],
  ['idempotency-key', 'x'.repeat(257)],
  ['idempotency-key', 'x'.repeat(15_000)],
  ['idempotency-key', '__proto__'],
  ['accept', 'text/html'],
  ['accept-encoding', 'gzip;q=x'],
  ['range', 'bytes=0-1'],
  ['if-none-match', '*'],
  ['expect', '100-continue'],
  ['host', 'evil.example'],
  ['x-forwarded-host', 'evil.example'],
  ['x-original-url', '/v1/tenants'],
  ['origin', 'null'],
  ['cookie', `a=${'x'.repeat(8_000)}`],
  ['ce-id', '1'],
  ['ce-specversion', '1.0'],
  ['ce-type', 'a'],
  ['ce-source', '/x'],
  ['x-request-id', 'x'.repeat(5_000)],
  ['traceparent', '00-0-0-00'],
]

const CREDENTIALS: readonly HeaderLine[] = [
  ['authorization', ''],
  ['authorization', 'Bearer'],
  ['authorization', 'Bearer .'],
  ['authorization', 'Bearer a.b'],
  ['authorization', `Bearer ${'a'.repeat(15_000)}.${'b'.repeat(15_000)}`],
  ['authorization', `Bearer a${' '.repeat(15_000)}b`],
  ['authorization', `${' '.repeat(100)}Bearer${' '.repeat(15_000)}`],
  ['authorization', 'Bearer __proto__.constructor'],
  ['authorization', "Bearer ' OR 1=1 --.x"],
  ['authorization', 'Basic'],
  ['authorization', 'Basic ====='],
  ['authorization', `Basic ${btoa('\u0000:\u0000')}`],
  ['authorization', `Basic ${btoa('\u00ff\u00fe:\u00e9')}`],
  ['authorization', `Basic ${btoa(':')}`],
  ['authorization', `Basic ${'A'.repeat(15_000)}`],
  ['authorization', 'constructor x'],
  ['authorization', 'toString x'],
  ['authorization', 'Digest username="a"'],
  ['x-api-key', ''],
  ['x-api-key', '.'],
  ['x-api-key', 'x'.repeat(15_000)],
]

const TRAVELS: readonly Travel[] = [
  'chunked',
  'chunked',
  'broken UTF-8',
  'UTF-16',
  'gzip',
  'claims 9 GB',
  'claims 1 byte',
]

// ---------------------------------------------------------------- the whole

/** Which of a party's ids a parameter most likely means. */
const MEANINGS: readonly (readonly [name: RegExp, id: string])[] = [
  [/tenant|app_id/i, '<tenant>'],
  [/event_type/, 'fuzz.listed'],
  [/event|msg_id/i, '<event>'],
  [/attempt_id/, '<attempt>'],
  [/task_id/, '<task>'],
  [/key/i, '<key>'],
  [/request/i, '<request>'],
  [/^name$/i, 'an-instance'],
]
const meaningOf = (name: string) => MEANINGS.find(([is]) => is.test(name))?.[1] ?? '<webhook>'

/** The same path with the ids that a parameter most likely means: nothing wrong with it. */
export function legalPath({ path }: FuzzRoute): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => meaningOf(name))
}

/** The credential with which nothing is wrong. */
export const credentialOf = ({ access }: FuzzRoute): string =>
  access === 'administrator' ? '<admin>' : access === 'operator' ? '<operator>' : '<token>'

const OTHER_IDS = [
  '<webhook>',
  '<tenant>',
  '<event>',
  '<key>',
  '<their webhook>',
  '<their tenant>',
  '<their event>',
  '<WEBHOOK>',
]

function paths(route: FuzzRoute): fc.Arbitrary<string> {
  const legal = legalPath(route)
  const parts = legal.split('/').slice(1)
  const spoilt = fc
    .tuple(fc.nat({ max: parts.length - 1 }), fc.constantFrom(...OTHER_IDS, ...HOSTILE_SEGMENTS))
    .map(([at, other]) => `/${parts.map((part, index) => (index === at ? other : part)).join('/')}`)
  const around = fc.constantFrom(
    `${legal}/`,
    `${legal}//`,
    `/${legal}`,
    `${legal}/x`,
    `${legal}%00`,
    `${legal};a`,
    `/.${legal}`,
  )
  return fc.oneof(
    { weight: 22, arbitrary: fc.constant(legal) },
    { weight: 4, arbitrary: spoilt },
    { weight: 1, arbitrary: around },
  )
}

function queries({ query }: FuzzRoute, { cursors }: Grounds): fc.Arbitrary<string> {
  const names = query instanceof z.ZodObject ? Object.keys(query.shape) : []
  const known = names.length > 0 ? names : ['limit']
  const value = (name: string) =>
    /cursor|token/i.test(name)
      ? fc.oneof(
          fc.constantFrom(...cursors, ''),
          fc.constantFrom(...FORGED_CURSORS),
          fc.constantFrom(...cursors, 'x').map((cursor) => cursor.slice(0, -3)),
          fc.constantFrom(...HOSTILE_VALUES),
        )
      : fc.oneof(
          fc.constantFrom('1', '2', '250', 'true', 'active', 'fuzz.event', '2026-11-22T10:00:00Z'),
          fc.constantFrom(...HOSTILE_VALUES),
        )
  const parameter = fc
    .oneof(
      { weight: 12, arbitrary: fc.constantFrom(...known) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('eventTypes', ...NAMES)
          .map((name) => name.toWellFormed().slice(0, 300)),
      },
    )
    .chain((name) => value(name).map((text) => `${encodeURIComponent(name)}=${text}`))
  const some = fc
    .array(parameter, { maxLength: 4 })
    .map((list) => (list.length === 0 ? '' : `?${list.join('&')}`))
  const many = fc.constantFrom(
    `?${'limit=1&'.repeat(2_000)}`,
    `?${'a&'.repeat(10_000)}`,
    '?&&&===',
    '?%=%',
  )
  const none = fc.constant('')
  if (query === null) {
    return fc.oneof({ weight: 15, arbitrary: none }, { weight: 1, arbitrary: some })
  }
  return fc.oneof(
    { weight: 4, arbitrary: none },
    { weight: 40, arbitrary: some },
    { weight: 1, arbitrary: many },
  )
}

function bodies(
  route: FuzzRoute,
  stock: Stock,
): fc.Arbitrary<{ text: string; type: string } | null> {
  if (route.method === 'GET') return fc.constant(null)
  const content = route.bodies.map(({ mediaType, schema }) =>
    hostileText(fromSchema(schema, stock)).map((text) => ({ text, type: mediaType })),
  )
  const anything = anyJson.map((node) => ({ text: write(node), type: 'application/json' }))
  if (content.length === 0) return fc.option(anything, { nil: null, freq: 1 })
  return fc.oneof(...content.map((arbitrary) => ({ weight: 12, arbitrary })), {
    weight: 1,
    arbitrary: fc.constant(null),
  })
}

function headers(route: FuzzRoute): fc.Arbitrary<readonly HeaderLine[]> {
  const legal: HeaderLine[] =
    route.access === 'public' ? [] : [['authorization', credentialOf(route)]]
  const basic: HeaderLine[] = route.access === 'key' ? [['authorization', '<basic>']] : legal
  const hostile = fc.constantFrom(...HOSTILE_HEADERS)
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(legal) },
    { weight: 3, arbitrary: fc.constant(basic) },
    {
      weight: 8,
      arbitrary: fc
        .array(hostile, { minLength: 1, maxLength: 3 })
        .map((lines) => [...legal, ...lines]),
    },
    { weight: 2, arbitrary: fc.constantFrom(...CREDENTIALS).map((line) => [line]) },
  )
}

const OTHER_METHODS = [
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PATCH',
  'POST',
  'GET',
  'PROPFIND',
  'LOCK',
]

/** Requests of one route. */
export function requestsOf(route: FuzzRoute, grounds: Grounds): fc.Arbitrary<Asked> {
  const { me, world } = grounds
  const stock: Stock = {
    words: {
      api_template: world.templateIds,
      webhookId: [...me.webhookIds.values()],
      cursor: grounds.cursors,
    },
  }
  const method = fc.oneof(
    { weight: 30, arbitrary: fc.constant(route.method) },
    { weight: 1, arbitrary: fc.constantFrom(...OTHER_METHODS) },
  )
  const travel = fc.oneof(
    { weight: 14, arbitrary: fc.constant<Travel>('whole') },
    { weight: 3, arbitrary: fc.constantFrom(...TRAVELS) },
  )
  return fc
    .tuple(
      method,
      paths(route),
      queries(route, grounds),
      headers(route),
      bodies(route, stock),
      travel,
    )
    .map(
      ([method, path, query, headers, body, travel]) =>
        new FuzzRequest({
          route,
          method,
          path,
          query,
          headers:
            body === null || headers.some(([name]) => name === 'content-type')
              ? headers
              : [...headers, ['content-type', body.type] as const],
          body:
            body === null || ['GET', 'HEAD'].includes(method) ? null : { text: body.text, travel },
        }),
    )
}

class FuzzRequest implements Asked {
  declare readonly route: FuzzRoute
  declare readonly method: string
  declare readonly path: string
  declare readonly query: string
  declare readonly headers: readonly HeaderLine[]
  declare readonly body: FuzzBody | null

  constructor(asked: Asked) {
    Object.assign(this, asked)
  }

  [fc.toStringMethod](): string {
    const lines = this.headers.map(([name, value]) => ` -H '${name}: ${shorten(value)}'`)
    const travel =
      this.body === null || this.body.travel === 'whole' ? '' : ` # ${this.body.travel}`
    const body = this.body === null ? '' : ` --data-raw '${shorten(this.body.text)}'`
    return `\n  curl -X ${this.method} '${shorten(this.path + this.query)}'${lines.join('')}${body}${travel}\n`
  }
}

function shorten(text: string): string {
  const shown = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  return shown.length <= 600
    ? shown
    : `${shown.slice(0, 300)}…(${text.length} characters)…${shown.slice(-100)}`
}

// ---------------------------------------------------------------- sending

/** What leaves nothing of a tenant, or of an event, to ask about. */
const EMPTYING = /\/expunge-all-contents$|\/content$/

/** The ids that stand for names in angle brackets at this moment. What is deleted for good is nobody's. */
function resolve(
  text: string,
  { route: { surface, access, path }, method }: Pick<Asked, 'route' | 'method'>,
  { me, other, world: { spare, operational, operatorToken } }: Grounds,
  admin: string,
): string {
  const isOfDeployment = access === 'administrator' || access === 'operator'
  const isLost = isOfDeployment && (method === 'DELETE' || EMPTYING.test(path))
  const isOperational = path.includes('/operational-webhook/')
  const mine = (isOperational ? operational : me.webhookIds.get(surface)) ?? ''
  const ids: Readonly<Record<string, string>> = {
    '<webhook>': mine,
    '<WEBHOOK>': mine.toUpperCase(),
    '<tenant>': isLost ? spare.tenantId : me.tenantId,
    '<event>': EMPTYING.test(path) ? me.spareEventId : me.eventId,
    '<attempt>': me.attemptId,
    '<task>': me.taskId,
    '<key>': isLost ? spare.keyId : me.keyId,
    '<request>': me.requestId,
    '<their webhook>': other.webhookIds.get(surface) ?? '',
    '<their tenant>': isLost ? spare.tenantId : other.tenantId,
    '<their event>': other.eventId,
    '<token>': `Bearer ${me.token}`,
    '<basic>': `Basic ${me.basic}`,
    '<admin>': `Bearer ${admin}`,
    '<operator>': `Bearer ${operatorToken}`,
  }
  return text.replaceAll(/<[\w ]+>/g, (name) => ids[name] ?? name)
}

/** `writeId` is how the route's surface writes the ids of webhooks, events and requests. */
export function toRequest(
  asked: Asked,
  grounds: Grounds,
  {
    admin,
    writeId,
  }: {
    readonly admin: string
    readonly writeId: (
      route: FuzzRoute,
      uuid: string,
      kind: 'webhook' | 'event' | 'attempt',
    ) => string
  },
): Request {
  const { route, method, path, query, headers, body } = asked
  const written = path.replaceAll(
    /<(?:their )?(webhook|event|request|attempt)>/gi,
    (name, what) => {
      const kind = /webhook/i.test(what) ? 'webhook' : what === 'attempt' ? 'attempt' : 'event'
      return writeId(route, resolve(name, asked, grounds, admin), kind)
    },
  )
  const url = `https://hookline.test${resolve(written, asked, grounds, admin)}${query}`
  const lines = new Headers()
  for (const [name, value] of headers) lines.append(name, resolve(value, asked, grounds, admin))
  const length = body && CLAIMS[body.travel]
  if (length) lines.set('content-length', length)
  return new Request(url, { method, headers: lines, body: body && toBody(body) })
}

const CLAIMS: Readonly<Partial<Record<Travel, string>>> = {
  'claims 9 GB': '9000000000',
  'claims 1 byte': '1',
}

function toBody({ text, travel }: FuzzBody): BodyInit {
  const bytes = new TextEncoder().encode(text)
  if (travel === 'UTF-16')
    return Uint8Array.from([
      0xff,
      0xfe,
      ...[...text.slice(0, 5_000)].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]),
    ])
  if (travel === 'gzip')
    return new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
  if (travel === 'broken UTF-8') {
    const middle = bytes.length >> 1
    const broken = new Uint8Array(bytes.length + 2)
    broken.set(bytes.subarray(0, middle))
    broken.set([0xed, 0xa0], middle)
    broken.set(bytes.subarray(middle), middle + 2)
    return broken
  }
  return travel === 'chunked' ? inChunks(bytes) : bytes
}

/** Chunks of 1 to 65,521 bytes: characters are cut in half. */
function inChunks(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0
  let size = 1
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + size))
      at += size
      size = Math.min(size * 7 + 3, 65_521)
    },
  })
}
