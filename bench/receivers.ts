// Receivers of a benchmark: one HTTP server, a path per webhook; some answer at once, some never.

import { once } from 'node:events'
import { createServer } from 'node:http'

export interface Receipt {
  readonly eventId: string
  /** Milliseconds of the process's clock. */
  readonly at: number
}

export class Receivers {
  readonly url: string
  /** First receipts by webhook and event. */
  private readonly receipts = new Map<string, Map<string, number>>()

  private constructor(url: string) {
    this.url = url
  }

  /** Listens on loopback until `signal` aborts. What asks `/silent/…` never gets an answer. */
  static async open(signal: AbortSignal): Promise<Receivers> {
    const server = createServer((request, response) => {
      const at = performance.now()
      const path = request.url ?? ''
      receivers.note(path, String(request.headers['webhook-id']), at)
      request.resume()
      if (!path.startsWith('/silent/')) response.writeHead(204).end()
    })
    server.listen({ port: 0, host: '127.0.0.1', signal })
    await once(server, 'listening', { signal })
    signal.addEventListener('abort', () => server.closeAllConnections())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('No address.')
    const receivers = new Receivers(`http://127.0.0.1:${address.port}`)
    return receivers
  }

  /** When the webhook at `path` first got each event. */
  of(path: string): ReadonlyMap<string, number> {
    return this.receipts.get(path) ?? new Map()
  }

  private note(path: string, eventId: string, at: number): void {
    const known = this.receipts.get(path) ?? new Map<string, number>()
    if (!known.has(eventId)) known.set(eventId, at)
    this.receipts.set(path, known)
  }
}
