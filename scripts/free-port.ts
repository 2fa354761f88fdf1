// Ports for services that are about to start.

import { once } from 'node:events'
import { createServer } from 'node:net'

/** A TCP port on which nothing listens at the moment. */
export async function findFreePort(): Promise<number> {
  const port = await tryPort(0)
  if (port === null) throw new Error('No free port was found.')
  return port
}

/** Whether nothing listens on a TCP port at the moment. */
export async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== null
}

/** Listens for a moment, on any port for 0; null when that is not possible. */
async function tryPort(port: number): Promise<number | null> {
  const server = createServer().listen(port, 'localhost')
  try {
    await once(server, 'listening')
  } catch {
    return null
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address === null || typeof address === 'string' ? null : address.port
}
