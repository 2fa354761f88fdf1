// The receivers on loopback, outside of the runtime: real sockets, handshakes and answers. Vitest starts them once; `inject('receivers')` has
// the address of each by its name.

import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { TestProject } from 'vitest/node'
import { CLOSED_PORT } from '../fixtures/broken-receivers.ts'
import { CERTIFICATES } from './certificates.ts'
import { FAULTY, type MISTAKES, ODD, type Receiver, SIGNING_SECRET } from './receivers.ts'

const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

type Verify = (body: string, headers: Record<string, string>) => unknown

/** What each gets wrong. */
const VERIFIERS: Readonly<Record<(typeof MISTAKES)[number], Verify>> = {
  otherSecret: (body, headers) => new Webhook(OTHER_SECRET).verify(body, headers),
  parsedBody: (body, headers) => new Webhook(SIGNING_SECRET).verify(JSON.parse(body), headers),
  lateClock: (body, headers) => {
    const seen = String(Number(headers['webhook-timestamp']) - 3_600)
    return new Webhook(SIGNING_SECRET).verify(body, { ...headers, 'webhook-timestamp': seen })
  },
  noHeaders: (body) => new Webhook(SIGNING_SECRET).verify(body, {}),
}

/** The server of a receiver, and how its address begins. */
function serverOf({ does }: Receiver): readonly [server: Server, scheme: string] {
  if (does === 'nameless') throw new Error('It has no address.')
  if ('certificate' in does) {
    return [
      createTlsServer(CERTIFICATES[does.certificate], (_, response) => response.end()),
      'https',
    ]
  }
  if ('socket' in does) {
    const server = createSocketServer((socket) => {
      socket.on('error', () => {})
      if (does.socket === 'closes') socket.destroy()
      if (does.socket === 'speaksNoTls') socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    return [server, does.socket === 'speaksNoTls' ? 'https' : 'http']
  }
  const answer: RequestListener = async (request, response) => {
    const body = await text(request)
    if ('status' in does) return response.writeHead(does.status, does.headers).end(does.body)
    try {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
      VERIFIERS[does.mistake](body, Object.fromEntries(headers))
      return response.writeHead(204).end()
    } catch (error) {
      return response
        .writeHead(401)
        .end(`Webhook Error: ${error instanceof Error && error.message}`)
    }
  }
  return [createServer(answer), 'http']
}

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const addresses: Record<string, string> = {}
  const servers: Server[] = []
  for (const receiver of [...FAULTY, ...ODD]) {
    if (receiver.does === 'nameless') {
      addresses[receiver.name] = 'http://no-such-host.invalid/'
      continue
    }
    const isClosed =
      typeof receiver.does === 'object' &&
      'socket' in receiver.does &&
      receiver.does.socket === 'refuses'
    if (isClosed) {
      addresses[receiver.name] = `http://127.0.0.1:${CLOSED_PORT}/`
      continue
    }
    const [server, scheme] = serverOf(receiver)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    addresses[receiver.name] = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`
    servers.push(server)
  }
  provide('receivers', addresses)
  return () => {
    for (const server of servers) {
      if ('closeAllConnections' in server) (server.closeAllConnections as () => void)()
      server.close()
    }
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Their addresses, by name. */
    readonly receivers: Readonly<Record<string, string>>
  }
}
