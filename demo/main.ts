// `npm run demo`: starts Hookline with a fresh state folder on a free port and real receivers on loopback, tells the
// story, checks every count. Exits 0, or 1 and says what was wrong. `--keep` leaves it running.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { type DevServer, startDevServer, WITH_EXAMPLES } from '../scripts/dev-server.ts'
import { findFreePort } from '../scripts/free-port.ts'
import { type Channel, openChannels } from './channel.ts'
import { Client } from './client.ts'
import { USER } from './events.ts'
import { Screen } from './screen.ts'
import { Stage } from './stage.ts'
import { tell } from './story.ts'
import { type Summary, summarize } from './summary.ts'
import { surfaces } from './surfaces/index.ts'
import { renderTable } from './table.ts'

/** Milliseconds after which the demonstration gives up. */
const TIMEOUT_MS = 150_000
/** One hour of retry delays and suspension passes in a second. */
const DELAY_SCALE = 1 / 3_600
/** Of .dev.vars.example, which the demonstration runs with whatever .dev.vars says. */
const ADMIN_TOKEN = 'dev-admin-token'

/** Somebody pressed Ctrl-C, which is no failure of the demonstration. */
const STOPPED = new Error('Stopped.')
/** What a shell shows for a process that Ctrl-C ended. */
const STOPPED_EXIT_CODE = 130

const { values: options } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const abort = new AbortController()
const { signal } = abort
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => abort.abort(STOPPED))
}
const folder = mkdtempSync(join(tmpdir(), 'hookline-demo-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
process.exitCode = await run()

async function run(): Promise<number> {
  const screen = new Screen()
  const timeout = setTimeout(() => {
    abort.abort(new Error(`The demo did not finish within ${TIMEOUT_MS / 1_000} seconds.`))
  }, TIMEOUT_MS)
  let server: DevServer | null = null
  try {
    server = await start(screen)
    const stage = await setUp(server, screen)
    const ending = await tell(stage)
    screen.start('Comparing the received requests with the published events and the log')
    const summary = await summarize(stage, ending)
    screen.end()
    clearTimeout(timeout)
    print(summary)
    if (options.keep) await keep(stage, server)
    return summary.flaws.length === 0 ? 0 : 1
  } catch (error) {
    screen.end()
    if (signal.reason === STOPPED) return STOPPED_EXIT_CODE
    console.error(styleText('red', `✗ ${describe(signal.aborted ? signal.reason : error)}`))
    if (server) console.error(`\nThe last lines of Hookline’s output:\n${server.tail.join('\n')}`)
    return 1
  } finally {
    clearTimeout(timeout)
    abort.abort()
    await server?.stop()
  }
}

/** Starts the service the way `npm run dev` does. */
async function start(screen: Screen): Promise<DevServer> {
  screen.start('Starting Hookline in the local runtime')
  const port = String(await findFreePort())
  const server = await startDevServer(
    {
      flags: [
        ...['--port', port, '--persist-to', join(folder, 'state')],
        ...WITH_EXAMPLES,
        ...['--var', `DELAY_SCALE:${DELAY_SCALE}`],
      ],
      environment: { WRANGLER_REGISTRY_PATH: join(folder, 'registry') },
    },
    signal,
  )
  screen.done(`Started Hookline at ${server.url}, where one hour takes one second`)
  return server
}

/** A tenant, its key, its webhooks, and a receiver for each. */
async function setUp({ url }: DevServer, screen: Screen): Promise<Stage> {
  screen.start('Creating a tenant and a key, starting receivers, creating webhooks')
  const administrator = new Client(url, ADMIN_TOKEN, signal)
  const tenant = await administrator.v1<{ id: string }>('POST', '/tenants', { name: 'Demo' })
  const { token } = await administrator.v1<{ token: string }>(
    'POST',
    `/tenants/${tenant.id}/keys`,
    { subject: USER },
  )
  const client = new Client(url, token, signal)
  const channels = await openChannels(surfaces, client, tenant.id, signal)
  screen.done(
    [
      `Created a tenant, a key and ${channels.length} webhooks, through ${surfaces.length} different APIs:`,
      '',
      ...subscriptionsOf(channels),
    ].join('\n'),
  )
  screen.watch(channels)
  return new Stage({ client, tenantId: tenant.id, channels, screen, signal })
}

/** Who gets what, shown once. */
function subscriptionsOf(channels: readonly Channel[]): readonly string[] {
  return renderTable(
    ['receiver', 'created through', 'subscribes to'],
    channels.map(({ surface, plan }) => [
      { text: plan.receiver },
      { text: surface },
      { text: plan.about },
    ]),
  )
}

/** An error and its cause, such as a refused connection. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`
}

function print({ counts, flaws }: Summary): void {
  for (const [name, count] of Object.entries(counts)) console.log(`  ${name.padEnd(12)}${count}`)
  console.log()
  if (flaws.length === 0) console.log(styleText('green', '✓ All counts are correct.'))
  for (const flaw of flaws) console.log(styleText('red', `✗ ${flaw}`))
}

/** Says how to go on by hand, and waits for Ctrl-C; meanwhile every request that arrives is a line. */
async function keep({ client, tenantId, channels }: Stage, server: DevServer): Promise<void> {
  const [first] = channels
  const title = (text: string) => styleText('bold', text)
  console.log(`
${title('Hookline and the receivers keep running until you press Ctrl-C.')}

Publish an event of your own from another terminal:

  API=${client.url}/v1
  KEY='authorization: Bearer ${client.token}'
  curl -s $API/events -H "$KEY" -d '{"type":"invoice.paid","data":{"number":9}}'

Hookline sends it to ${wantsOf(channels, 'invoice.paid')}. The requests they receive are shown below.
Hookline’s log shows the event and its attempts:

  curl -s "$API/events?limit=1" -H "$KEY"
  curl -s "$API/webhooks/${first?.webhookId}/attempts?limit=1" -H "$KEY"

The receivers listen at:

${channels.map(({ plan, receiver }) => `  ${plan.receiver.padEnd(14)}${receiver.url}`).join('\n')}

The tenant id is ${tenantId}.

${title('Requests received from now on')}
`)
  const interrupted = new Promise((resolve) => signal.addEventListener('abort', resolve))
  await Promise.race([interrupted, server.ended])
}

/** The receivers of an event of this type, as one names them in a sentence. */
function wantsOf(channels: readonly Channel[], type: string): string {
  const names = channels
    .filter(({ plan }) => plan.wants({ type, data: '{}' }))
    .map(({ plan }) => plan.receiver)
  return names.join(' and ')
}
