// Kills the local runtime under load, starts it again on what it left, and counts: every event that was answered with 202 must be in
// the log at once, and arrive. What was on its way comes when the alarm of the event log rings, within six minutes.
//
//   npm run survival

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DevServer, startDevServer, WITH_EXAMPLES } from './dev-server.ts'
import { findFreePort } from './free-port.ts'

/** Publishers at the same time, for how long, how many events at once, and how long a receiver takes: so that much is on its way at any moment. */
const CONNECTIONS = 20
const LOAD_MS = 3_000
const TOGETHER = 20
const RECEIVER_MS = 200
/** How long the events that were on their way may take. */
const ARRIVAL_MS = 7 * 60_000

interface Published {
  readonly events: readonly { readonly id: string }[]
}

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => abort.abort(new Error(name)))
}

const received = new Map<string, number>()
const receiver = createServer((request, response) => {
  const id = String(request.headers['webhook-id'])
  received.set(id, (received.get(id) ?? 0) + 1)
  request.resume()
  setTimeout(() => response.writeHead(204).end(), RECEIVER_MS)
})
const receiverPort = await findFreePort()
receiver.listen(receiverPort, '127.0.0.1')

const folder = await mkdtemp(join(tmpdir(), 'hookline-survival-'))
const port = await findFreePort()
const flags = ['--port', String(port), '--persist-to', join(folder, 'state'), ...WITH_EXAMPLES]
const start = () => startDevServer({ flags }, abort.signal)

async function call<Body>(
  server: DevServer,
  token: string,
  method: string,
  path: string,
  body?: object,
) {
  const response = await fetch(`${server.url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

let server = await start()
const { body: tenant } = await call<{ id: string }>(server, 'dev-admin-token', 'POST', '/tenants', {
  name: 'S',
})
const path = `/tenants/${tenant.id}/keys`
const { body: key } = await call<{ token: string }>(server, 'dev-admin-token', 'POST', path, {})
const url = `http://127.0.0.1:${receiverPort}/`
await call(server, key.token, 'POST', '/webhooks', { url, eventTypes: ['*'] })

const accepted: string[] = []
const until = Date.now() + LOAD_MS
async function publish(): Promise<void> {
  while (Date.now() < until + LOAD_MS) {
    const events = Array.from({ length: TOGETHER }, (_, n) => ({ type: 'a.b', data: { n } }))
    try {
      const answer = await call<Published>(server, key.token, 'POST', '/events', events)
      if (answer.status === 202) accepted.push(...answer.body.events.map(({ id }) => id))
    } catch {
      // The runtime is gone: nobody was told anything.
      return
    }
  }
}
const load = Promise.all(Array.from({ length: CONNECTIONS }, publish))
await new Promise((resolve) => setTimeout(resolve, LOAD_MS))
if (server.pid === undefined) throw new Error('The runtime has no process.')
process.kill(-server.pid, 'SIGKILL')
await load
await server.ended
const before = accepted.filter((id) => received.has(id)).length
console.log(
  `${accepted.length} events were accepted, ${before} had arrived when the runtime was killed.`,
)

server = await start()
let found = 0
for (const id of accepted) {
  const { status } = await call(server, key.token, 'GET', `/events/${id}`)
  if (status === 200) found += 1
}
console.log(`${found} of them are in the log after the restart.`)
const end = Date.now() + ARRIVAL_MS
const missing = () => accepted.filter((id) => !received.has(id))
while (missing().length > 0 && Date.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  process.stdout.write(
    `\r${missing().length} are missing, ${Math.round((end - Date.now()) / 1_000)} s left `,
  )
}
const twice = accepted.filter((id) => (received.get(id) ?? 0) > 1).length
console.log(`\n${missing().length} never arrived; ${twice} came more than once.`)
await server.stop()
receiver.close()
receiver.closeAllConnections()
await rm(folder, { recursive: true, force: true })
process.exitCode = found === accepted.length && missing().length === 0 ? 0 : 1
