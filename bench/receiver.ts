// The receiver: a process of its own, so that what publishes does not wait for what receives. One HTTP server has a path for
// each webhook, the first part of which says how it behaves; another one, for the benchmark, is asked what came.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { now } from './clock.ts'
import { Inbox } from './inbox.ts'
import { isBadKey } from './load.ts'
import { Publisher } from './publisher.ts'

/** Where Hookline, Svix and Outpost say which event it is. */
const ID_HEADERS = ['webhook-id', 'svix-id', 'x-outpost-event-id'] as const

/** Longer than any pause of a benchmark: connections are kept open. */
const KEEP_ALIVE_MS = 120_000

interface Request {
  readonly eventId: string
  readonly inbox: Inbox
  /** Whether the event came for the first time. */
  readonly isNew: boolean
  /** Its key says that it is to fail. */
  readonly isBad: boolean
  readonly response: ServerResponse
}

/** The status to answer with; null leaves a request as it is. */
type Behaviour = (request: Request) => number | null | Promise<number | null>

const OK = 200
/** The first request of every so manieth event is refused. */
const failEvery =
  (count: number): Behaviour =>
  ({ inbox, isNew }) =>
    isNew && inbox.first.size % count === 0 ? 500 : OK

/** By the first part of the path. `after20` answers after 20 ms; whatever else is not here answers at once. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  silent: () => null,
  closing: ({ response }) => {
    response.destroy()
    return null
  },
  refusing: () => 500,
  flaky: failEvery(5),
  /** Two of a hundred. */
  failing: failEvery(50),
  keyed: ({ isBad }) => (isBad ? 500 : OK),
  /** Reads the event before it answers. */
  reading: async ({ eventId, inbox }) => {
    const { publisher, token } = reader ?? { publisher: null, token: '' }
    const answer = await publisher?.ask('GET', `/v1/events/${eventId}`, token, null)
    inbox.wasRead(answer?.status ?? 0)
    return OK
  },
}

/** Those whose answer depends on what they get: what comes to them is kept apart by that. */
const READING_BODIES = /^\/keyed\//

/** Where and with which key events are read. */
let reader: { readonly publisher: Publisher; readonly token: string } | null = null
const inboxes = new Map<string, Inbox>()
const unanswered = new Map<Inbox, Set<ServerResponse>>()

function inboxAt(path: string): Inbox {
  const known = inboxes.get(path)
  if (known !== undefined) return known
  const inbox = new Inbox()
  inboxes.set(path, inbox)
  return inbox
}

function receive(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? ''
  const chunks: Buffer[] = []
  const isRead = READING_BODIES.test(path)
  request.on('data', (chunk) => {
    if (isRead) chunks.push(chunk)
  })
  request.on('end', () => {
    const at = now()
    const isBad = isRead && isBadKey(JSON.parse(Buffer.concat(chunks).toString()).data.key)
    const inbox = inboxAt(isBad ? `${path}/bad` : path)
    const eventId = String(ID_HEADERS.map((name) => request.headers[name]).find(Boolean))
    const isNew = inbox.note(eventId, at)
    const hung = unanswered.get(inbox) ?? new Set()
    unanswered.set(inbox, hung.add(response))
    response.on('close', () => {
      hung.delete(response)
      inbox.ended(now())
    })
    void answer(path, { eventId, inbox, isNew, isBad, response }, at)
  })
}

async function answer(path: string, request: Request, at: number): Promise<void> {
  const [, kind = ''] = path.split('/')
  const [, delayMs] = /^after(\d+)$/.exec(kind) ?? []
  if (delayMs !== undefined) await sleep(Number(delayMs))
  const behave = BEHAVIOURS[kind]
  const status = behave === undefined ? OK : behave(request)
  // Without an await where nothing is waited for.
  const known = status instanceof Promise ? await status : status
  if (known === null) return
  if (known >= 400) request.inbox.refused(request.eventId, at)
  request.response.writeHead(known, { 'content-length': 0 }).end()
}

interface Question {
  readonly paths: readonly string[]
  readonly count: number
  readonly patienceMs: number
  readonly url: string
  readonly token: string
}

const ANSWERS: Readonly<Record<string, (question: Question) => unknown>> = {
  /** Waits until each path has so many events; the numbers that they have, and whether that is enough. */
  '/complete': async ({ paths, count, patienceMs }) => {
    await Promise.all(paths.map((path) => inboxAt(path).complete(count, patienceMs)))
    const counts = paths.map((path) => inboxAt(path).first.size)
    return { counts, isComplete: paths.every((path) => inboxAt(path).isComplete(count)) }
  },
  '/receipts': ({ paths }) => paths.map((path) => inboxAt(path).toReceipts()),
  /** Forgets what came to the paths, and hangs up on whoever still waits there. */
  '/forget': ({ paths }) => {
    for (const path of paths) {
      for (const response of unanswered.get(inboxAt(path)) ?? []) response.destroy()
      unanswered.delete(inboxAt(path))
      inboxes.delete(path)
    }
    return {}
  },
  '/reader': ({ url, token }) => {
    reader = { publisher: new Publisher(url), token }
    return {}
  },
}

function tell(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', async () => {
    const question: Question = JSON.parse(Buffer.concat(chunks).toString())
    const answer = await ANSWERS[request.url ?? '']?.(question)
    response.end(JSON.stringify(answer))
  })
}

/** Resolves with the address once it listens. */
async function listen(server: Server): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.requestTimeout = 0
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No address.')
  return `http://127.0.0.1:${address.port}`
}

console.log(await listen(createServer({ noDelay: true }, receive)))
console.log(await listen(createServer({ noDelay: true }, tell)))
