// Somebody at a browser, as far as it is measured: keeps one cookie, takes compressed answers, and counts what came.

import { Agent, type IncomingMessage, request } from 'node:http'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { now } from './clock.ts'

export interface Seen {
  readonly status: number
  readonly ms: number
  /** Of the body, as it was sent. */
  readonly bytes: number
  readonly encoding: string
}

export class Visitor {
  private readonly origin: string
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 })
  private cookie = ''

  constructor(origin: string) {
    this.origin = origin
  }

  /** Reads a page to its end. */
  async see(path: string): Promise<Seen> {
    const at = now()
    const response = await this.ask('GET', path)
    let bytes = 0
    for await (const chunk of response) bytes += chunk.length
    const encoding = response.headers['content-encoding'] ?? 'none'
    return { status: response.statusCode ?? 0, ms: now() - at, bytes, encoding }
  }

  /** The text of a page. */
  async read(path: string): Promise<string> {
    const response = await this.ask('GET', path)
    const decoders = { gzip: createGunzip, br: createBrotliDecompress }
    const decode = Object.entries(decoders).find(
      ([name]) => name === response.headers['content-encoding'],
    )?.[1]
    const chunks: Buffer[] = []
    for await (const chunk of decode ? response.pipe(decode()) : response) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  /** Sends a form, and keeps the session that it begins. */
  async signIn(path: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    const response = await this.ask('POST', path, new URLSearchParams(fields).toString())
    response.resume()
    const [cookie = ''] = response.headers['set-cookie'] ?? []
    if (cookie === '') throw new Error(`POST ${path} answered ${response.statusCode}, no session.`)
    this.cookie = cookie.split(';')[0] ?? ''
  }

  close(): void {
    this.agent.destroy()
  }

  private ask(method: string, path: string, body?: string): Promise<IncomingMessage> {
    const headers = {
      origin: this.origin,
      'accept-encoding': 'gzip, br',
      ...(this.cookie !== '' && { cookie: this.cookie }),
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request(`${this.origin}${path}`, { method, headers, agent: this.agent }, resolve)
      .on('error', reject)
      .end(body)
    return promise
  }
}
