// A receiver: an HTTP server on loopback that keeps what it gets and answers as it is told.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'

export interface ReceivedRequest {
  readonly at: Date
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a request was answered, and what its receiver made of it. */
export interface Receipt {
  readonly receiver: string
  readonly request: ReceivedRequest
  readonly status: number
  /** The event's id, the same on every attempt. */
  readonly eventId: string
  readonly proof: Proof
}

/** How a receiver knows who sent a request; `header` is shown. */
export interface Proof {
  readonly header: string
  readonly isGenuine: boolean
  /** What verified it, or why nothing could. */
  readonly by: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export type Answerer = (request: ReceivedRequest) => Answer

const OK: Answerer = () => ({ status: 204 })
const UNKNOWN: Proof = { header: '', isGenuine: false, by: 'the receiver is not ready yet' }

export class Receiver {
  readonly name: string
  /** In order of arrival. */
  readonly receipts: Receipt[] = []
  /** Called after each answer. */
  onReceipt: (receipt: Receipt) => void = () => {}
  /** How a request proves where it comes from; known once the webhook is registered. */
  prove: (request: ReceivedRequest) => Proof = () => UNKNOWN
  private answer: Answerer = OK
  private readonly server: Server

  private constructor(name: string) {
    this.name = name
    this.server = createServer(async (incoming, outgoing) => {
      const { status, headers } = this.receive(await readRequest(incoming))
      outgoing.writeHead(status, headers).end()
    })
  }

  /** Listens on a free port of 127.0.0.1 until `signal` aborts. */
  static async open(name: string, signal: AbortSignal): Promise<Receiver> {
    const receiver = new Receiver(name)
    receiver.server.listen({ port: 0, host: '127.0.0.1', signal })
    await once(receiver.server, 'listening', { signal })
    signal.addEventListener('abort', () => receiver.server.closeAllConnections())
    return receiver
  }

  get url(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error(`${this.name} is closed`)
    return `http://127.0.0.1:${address.port}/${this.name}`
  }

  /** From now on requests are answered like this. */
  break(answer: Answerer): void {
    this.answer = answer
  }

  repair(): void {
    this.answer = OK
  }

  private receive(request: ReceivedRequest): Answer {
    const answer = this.answer(request)
    const receipt: Receipt = {
      receiver: this.name,
      request,
      status: answer.status,
      eventId: request.headers['webhook-id'] ?? '',
      proof: this.prove(request),
    }
    this.receipts.push(receipt)
    this.onReceipt(receipt)
    return answer
  }
}

export function isSuccess({ status }: Pick<Receipt, 'status'>): boolean {
  return status >= 200 && status < 300
}

async function readRequest(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  return {
    at: new Date(),
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    body: await text(incoming),
  }
}
