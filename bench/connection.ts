// One HTTP connection that is kept open, with one request at a time. Node's own client takes several times as long for a
// request, and what publishes shares the machine with what is measured.

import { connect, type Socket } from 'node:net'

export interface Response {
  readonly status: number
  readonly text: string
}

interface Waiting {
  readonly resolve: (response: Response) => void
  readonly reject: (error: Error) => void
}

const HEAD_END = '\r\n\r\n'

export class Connection {
  private readonly address: { readonly host: string; readonly port: number }
  private socket: Socket | null = null
  private received: Buffer | null = null
  private waiting: Waiting | null = null

  constructor(address: { readonly host: string; readonly port: number }) {
    this.address = address
  }

  /** Sends a whole request; resolves with its whole answer. Whoever calls waits for that before the next one. */
  send(request: Buffer): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    this.waiting = { resolve, reject }
    this.socket ??= this.open()
    this.socket.write(request)
    return promise
  }

  close(): void {
    this.fail(new Error('The connection was closed here.'))
  }

  private open(): Socket {
    const socket = connect({ ...this.address, noDelay: true })
    socket.on('data', (bytes) => this.take(bytes))
    const fail = (error: Error) => {
      if (this.socket === socket) this.fail(error)
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('The connection was closed there.')))
    return socket
  }

  private fail(error: Error): void {
    const { socket, waiting } = this
    this.socket = null
    this.received = null
    this.waiting = null
    socket?.destroy()
    waiting?.reject(error)
  }

  private take(bytes: Buffer): void {
    this.received = this.received === null ? bytes : Buffer.concat([this.received, bytes])
    const answer = parse(this.received)
    if (answer === null) return
    const { waiting, socket } = this
    this.received = null
    this.waiting = null
    if (answer.isLast) {
      this.socket = null
      socket?.destroy()
    }
    waiting?.resolve(answer)
  }
}

/** An answer, once it is there as a whole; `isLast` where the other side closes the connection behind it. */
function parse(bytes: Buffer): (Response & { readonly isLast: boolean }) | null {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd < 0) return null
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase()
  const body = bytes.subarray(headEnd + HEAD_END.length)
  const [, length] = /\r\ncontent-length: *(\d+)/.exec(head) ?? []
  const isChunked = head.includes('\r\ntransfer-encoding: chunked')
  const text = isChunked ? unchunked(body) : whole(body, Number(length ?? 0))
  if (text === null) return null
  // "HTTP/1.1 202 Accepted"
  const status = Number(head.slice(9, 12))
  return { status, text, isLast: head.includes('\r\nconnection: close') }
}

function whole(body: Buffer, length: number): string | null {
  return body.length < length ? null : body.toString('utf8', 0, length)
}

/** The chunks put together (RFC 9112, section 7.1); null while the last one is missing. */
function unchunked(body: Buffer): string | null {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    if (body.length < start + size + 2) return null
    if (size === 0) return Buffer.concat(parts).toString()
    parts.push(body.subarray(start, start + size))
    at = start + size + 2
  }
}
