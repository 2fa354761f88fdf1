// HTTP with connections kept open and as little of this process's time as possible: it shares the machine with what it
// measures.

import { Agent, request } from 'node:http'

export interface Answer {
  readonly text: string
  /** Milliseconds of this process's clock: when it was asked, and until it had answered. */
  readonly at: number
  readonly durationMs: number
}

export class Publisher {
  private readonly url: URL
  private readonly agent = new Agent({ keepAlive: true })

  constructor(url: string) {
    this.url = new URL(url)
  }

  /** Rejects for an answer that is no success. */
  send(method: string, path: string, token: string, body: string | null): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const at = performance.now()
    const headers = {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      'content-length': body === null ? 0 : Buffer.byteLength(body),
    }
    const { hostname, port } = this.url
    const call = request({ hostname, port, path, method, headers, agent: this.agent })
    call.on('error', reject)
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { statusCode = 0 } = response
        if (statusCode < 300) resolve({ text, at, durationMs: performance.now() - at })
        else reject(new Error(`${method} ${path} answered ${statusCode}: ${text}`))
      })
    })
    call.end(body ?? undefined)
    return promise
  }
}
