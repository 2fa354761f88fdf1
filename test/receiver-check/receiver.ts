// A right receiver in steps, each of which may be another: what a planted bug changes, and what right receivers do in different ways.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of Standard Webhooks' own examples. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
export const KNOWN_TYPE = 'invoice.paid'

/** What came, as the steps see it. */
export interface Came {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly headers: IncomingMessage['headers']
  readonly bytes: Buffer
}

export interface Steps {
  readonly methods: readonly string[]
  readonly mostBytes: number
  readonly readBody: (request: IncomingMessage, response: ServerResponse) => Promise<Buffer>
  readonly headerOf: (request: IncomingMessage, name: string) => string
  readonly key: (secret: string) => Buffer | string
  readonly content: (came: Came) => Buffer | string
  readonly sign: (key: Buffer | string, content: Buffer | string) => string
  /** The signatures of the header that are looked at, without their version. */
  readonly signatures: (header: string) => readonly string[]
  readonly equal: (given: string, right: string) => boolean
  readonly isFresh: (timestamp: string) => boolean
  /** Whatever makes a request good without the rest. */
  readonly isExempt: (came: Came) => boolean
  readonly parse: (text: string) => unknown
  readonly isNew: (id: string, seen: Set<string>) => boolean
  readonly types: (type: unknown) => number | null
  /** Before all: a status ends it. */
  readonly before: (came: Came, store: Store) => number | null
  /** After all: the status, and the answer's body. */
  readonly answer: (outcome: Outcome, store: Store) => Promise<readonly [number, string]>
  readonly respond: (response: ServerResponse, status: number, text: string) => void
}

export interface Outcome {
  readonly came: Came
  /** 204, or what it is refused with. */
  readonly status: number
  readonly isDuplicate: boolean
  readonly right: string
  readonly error: unknown
  readonly event: unknown
}

/** What a receiver remembers. */
export interface Store {
  readonly seen: Set<string>
  handled: number
  refused: number
  lastTime: string
  busy: Set<string>
}

export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value
    ? new Map(Object.entries(value)).get(name)
    : undefined

export const seconds = (timestamp: string) => Number(timestamp) * 1_000
const isWithin = (timestamp: string, ms: number) =>
  Math.abs(Date.now() - seconds(timestamp)) <= ms && timestamp !== ''

export const RIGHT: Steps = {
  methods: ['POST'],
  mostBytes: 1_000_000,
  async readBody(request) {
    return Buffer.concat(await request.toArray())
  },
  headerOf: (request, name) => String(request.headers[name] ?? ''),
  key: (secret) => Buffer.from(secret.slice('whsec_'.length), 'base64'),
  content: ({ id, timestamp, bytes }) => Buffer.concat([Buffer.from(`${id}.${timestamp}.`), bytes]),
  sign: (key, content) => createHmac('sha256', key).update(content).digest('base64'),
  signatures: (header) =>
    header
      .split(' ')
      .filter((entry) => entry.startsWith('v1,'))
      .map((entry) => entry.slice('v1,'.length)),
  equal: (given, right) =>
    given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right)),
  isFresh: (timestamp) => isWithin(timestamp, 300_000),
  isExempt: () => false,
  parse: (text) => JSON.parse(text),
  isNew(id, seen) {
    if (seen.has(id)) return false
    seen.add(id)
    return true
  },
  types: () => null,
  before: () => null,
  answer: async ({ status }) => [status, ''],
  respond: (response, status, text) => {
    response.writeHead(status).end(text)
  },
}

async function receive(
  steps: Steps,
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await steps.readBody(request, response)
  const header = (name: string) => steps.headerOf(request, name)
  const came: Came = {
    ...{ id: header('webhook-id'), timestamp: header('webhook-timestamp') },
    ...{ signature: header('webhook-signature'), headers: request.headers, bytes },
  }
  const right = steps.sign(steps.key(SECRET), steps.content(came))
  const outcome = { came, right, isDuplicate: false, error: null, event: null }
  const end = async (result: Pick<Outcome, 'status'> & Partial<Outcome>) => {
    const [status, text] = await steps.answer({ ...outcome, ...result }, store)
    steps.respond(response, status, text)
  }
  const early = steps.before(came, store)
  if (early !== null) return end({ status: early })
  if (!steps.methods.includes(request.method ?? '')) return end({ status: 405 })
  if (bytes.length > steps.mostBytes) return end({ status: 413 })
  const isSigned = steps.signatures(came.signature).some((given) => steps.equal(given, right))
  const isGood = isSigned && came.id !== '' && steps.isFresh(came.timestamp)
  if (!isGood && !steps.isExempt(came)) {
    store.refused++
    return end({ status: 401 })
  }
  let event: unknown
  try {
    event = steps.parse(bytes.toString())
  } catch (error) {
    return end({ status: 400, error })
  }
  const refusal = steps.types(member(event, 'type'))
  if (refusal !== null) return end({ status: refusal, event })
  const isDuplicate = !steps.isNew(came.id, store.seen)
  if (!isDuplicate && member(event, 'type') === KNOWN_TYPE) store.handled++
  return end({ status: 204, isDuplicate, event })
}

/** Listens on loopback until it is closed; `GET /handled` says how many events were handled. */
export async function startReceiver(
  change: Partial<Steps>,
): Promise<{ readonly url: URL; readonly handled: URL; readonly close: () => void }> {
  const store: Store = { seen: new Set(), handled: 0, refused: 0, lastTime: '', busy: new Set() }
  const steps = { ...RIGHT, ...change }
  const server: Server = createServer((request, response) => {
    if (request.url === '/handled') {
      response.end(`{"handled":${store.handled}}`)
      return
    }
    receive(steps, store, request, response).catch((error) => {
      const text = error instanceof Error ? `${error.message}` : ''
      if (!response.headersSent) response.writeHead(500).end(text)
    })
  })
  server.listen(0, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<void>()
  server.on('listening', resolve)
  await promise
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port.')
  const origin = `http://127.0.0.1:${address.port}`
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: new URL(`${origin}/hooks`), handled: new URL(`${origin}/handled`), close }
}

/** What some of them wait for. */
export const pause = (ms: number) => sleep(ms)
