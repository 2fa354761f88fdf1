// Receivers of a benchmark: one HTTP server, a path per webhook. The first part of a path says how it behaves.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** Answers 204 unless told otherwise; null leaves it without an answer. */
type Behaviour = (receiver: Receiver, eventId: string) => number | null

/** By the first part of the path; whatever else answers 204 at once. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  silent: () => null,
  /** Fails the first time with every tenth event that comes. */
  flaky: ({ first, tries }, eventId) => (first.size % 10 === 0 && tries(eventId) === 1 ? 500 : 204),
  /** Fails the first time with two events of a hundred. */
  failing: ({ first, tries }, eventId) =>
    first.size % 50 === 0 && tries(eventId) === 1 ? 500 : 204,
}

/** What came to one path. */
export class Receiver {
  /** When each event came first, in milliseconds of this process's clock. */
  readonly first = new Map<string, number>()
  /** When each event came again that was refused at first: the refusal, and the next coming. */
  readonly retries = new Map<string, { readonly refusedAt: number; cameAgainAt: number | null }>()
  private readonly seen = new Map<string, number>()
  private waiting: { readonly count: number; readonly resolve: () => void } | null = null

  tries = (eventId: string): number => this.seen.get(eventId) ?? 0

  note(eventId: string, at: number): void {
    this.seen.set(eventId, this.tries(eventId) + 1)
    if (!this.first.has(eventId)) this.first.set(eventId, at)
    const retry = this.retries.get(eventId)
    if (retry !== undefined) retry.cameAgainAt ??= at
    if (this.waiting !== null && this.first.size >= this.waiting.count) this.waiting.resolve()
  }

  refused(eventId: string, at: number): void {
    this.retries.set(eventId, { refusedAt: at, cameAgainAt: null })
  }

  /** Resolves once so many different events have come; rejects when that takes too long. */
  async received(count: number, patienceMs: number): Promise<void> {
    if (this.first.size >= count) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.waiting = { count, resolve }
    const fail = () => reject(new Error(`${this.first.size} of ${count} events came.`))
    const timer = setTimeout(fail, patienceMs)
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }
}

export class Receivers {
  readonly url: string
  private readonly receivers = new Map<string, Receiver>()

  private constructor(url: string) {
    this.url = url
  }

  /** Listens on loopback until `signal` aborts. */
  static async open(signal: AbortSignal): Promise<Receivers> {
    const server = createServer((request, response) => {
      const at = performance.now()
      const path = request.url ?? ''
      const eventId = String(request.headers['webhook-id'])
      request.resume()
      answer(response, receivers.take(path, eventId, at))
    })
    server.keepAliveTimeout = 60_000
    server.listen({ port: 0, host: '127.0.0.1', signal })
    await once(server, 'listening', { signal })
    signal.addEventListener('abort', () => server.closeAllConnections())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('No address.')
    const receivers = new Receivers(`http://127.0.0.1:${address.port}`)
    return receivers
  }

  at(path: string): Receiver {
    const known = this.receivers.get(path)
    if (known !== undefined) return known
    const receiver = new Receiver()
    this.receivers.set(path, receiver)
    return receiver
  }

  /** Forgets what came to a path. */
  forget(path: string): void {
    this.receivers.delete(path)
  }

  private take(path: string, eventId: string, at: number): number | null {
    const receiver = this.at(path)
    receiver.note(eventId, at)
    const [, kind = ''] = path.split('/')
    const status = BEHAVIOURS[kind]?.(receiver, eventId)
    if (status === undefined) return 204
    if (status !== null && status >= 400) receiver.refused(eventId, at)
    return status
  }
}

function answer(response: ServerResponse, status: number | null): void {
  if (status !== null) response.writeHead(status).end()
}
