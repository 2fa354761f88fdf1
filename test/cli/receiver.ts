// A receiver on loopback that keeps what it got, in order.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface Received {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly body: Buffer
}

export interface LocalReceiver {
  readonly url: string
  readonly received: Received[]
  close(): void
}

/** `takesMs`: how long it takes for each. */
export async function openLocalReceiver(takesMs = 0): Promise<LocalReceiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const entries = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    const headers: Record<string, string> = Object.fromEntries(entries)
    const names = request.rawHeaders.filter((_, at) => at % 2 === 0)
    received.push({ id: headers['webhook-id'] ?? '', headers, names, body })
    setTimeout(() => response.writeHead(204).end(), takesMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
