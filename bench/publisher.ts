// Whoever publishes: as many connections as requests are under way at a time, all kept open.

import { now } from './clock.ts'
import { Connection, type Response } from './connection.ts'

export interface Answer extends Response {
  /** Milliseconds of the clock: when it was asked, and how long until it had answered. */
  readonly at: number
  readonly durationMs: number
}

export class Publisher {
  private readonly address: { readonly host: string; readonly port: number }
  private readonly idle: Connection[] = []

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.address = { host: hostname, port: Number(port) }
  }

  /** Whatever the answer is. */
  async ask(method: string, path: string, token: string, body: string | null): Promise<Answer> {
    const request = this.toRequest(method, path, token, body ?? '')
    const connection = this.idle.pop() ?? new Connection(this.address)
    const at = now()
    const response = await connection.send(request)
    const durationMs = now() - at
    this.idle.push(connection)
    return { ...response, at, durationMs }
  }

  /** Rejects for an answer that is no success. */
  async send(method: string, path: string, token: string, body: string | null): Promise<Answer> {
    const answer = await this.ask(method, path, token, body)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`)
  }

  close(): void {
    for (const connection of this.idle.splice(0)) connection.close()
  }

  private toRequest(method: string, path: string, token: string, body: string): Buffer {
    const { host, port } = this.address
    const head = [
      `${method} ${path} HTTP/1.1`,
      `host: ${host}:${port}`,
      ...(token === '' ? [] : [`authorization: Bearer ${token}`]),
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
    ]
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
}
