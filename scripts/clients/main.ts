// `npm run clients`: makes clients of the API's description with the generators that people use, and has each create
// the webhook of README's walk and publish its event, against Hookline on this machine. One line for each; exits with 0
// only if all of them could. Prometheus' parser reads the metrics, and the MCP inspector calls tools.

import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDevServer, WITH_EXAMPLES } from '../dev-server.ts'
import { findFreePort } from '../free-port.ts'
import { startGroup } from '../processes.ts'
import { type Generator, generators, metricsReader } from './generators.ts'
import { inspect, inspector } from './inspector.ts'

const TIMEOUT_MS = 240_000
const PROGRAMS = join(import.meta.dirname, 'programs')
/** Lines shown of a command that failed. */
const SHOWN_LINES = 30

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
const timeout = setTimeout(
  () => abort.abort(new Error(`The clients did not finish within ${TIMEOUT_MS / 1_000} seconds.`)),
  TIMEOUT_MS,
)

const folder = await mkdtemp(join(tmpdir(), 'hookline-clients-'))
try {
  process.exitCode = (await tryAll()) ? 0 : 1
} finally {
  clearTimeout(timeout)
  await rm(folder, { recursive: true, force: true })
}

interface Deployment {
  readonly url: string
  readonly tenant: string
  readonly token: string
  readonly webhook: string
  readonly event: string
}

/** With names, those alone. Throws for one that nobody has. */
function isAsked({ name }: { readonly name: string }): boolean {
  const asked = process.argv.slice(2)
  const known = [inspector, metricsReader, ...generators].map(({ name }) => name)
  const unknown = asked.find((one) => !known.includes(one))
  if (unknown !== undefined) throw new Error(`There is no ${unknown}, but ${known.join(', ')}.`)
  return asked.length === 0 || asked.includes(name)
}

/** Whether every client worked. */
async function tryAll(): Promise<boolean> {
  const [webhook, event] = await readBodies()
  const flags = ['--port', String(await findFreePort()), '--persist-to', join(folder, 'state')]
  const server = await startDevServer({ flags: [...flags, ...WITH_EXAMPLES] }, abort.signal)
  try {
    const description = await fetch(`${server.url}/v1/openapi.json`, { signal: abort.signal })
    await writeFile(join(folder, 'openapi.json'), await description.text())
    const { tenant, token } = await makeKey(server.url)
    const deployment = { url: server.url, tenant, token, webhook, event }
    const isInspected = isAsked(inspector) ? tryInspector(deployment) : true
    const outcomes = await Promise.all([
      isInspected,
      ...generators.filter(isAsked).map(async (generator) => {
        const flaw = await tryOne(generator, deployment).then(() => null, String)
        const title = `${generator.name} ${generator.version}`
        console.log(
          flaw === null
            ? `✓ ${title} created the webhook and published the event.`
            : `✗ ${title}: ${flaw}`,
        )
        return flaw === null
      }),
    ])
    const areReadable = !isAsked(metricsReader) || (await tryMetrics(server.url))
    return areReadable && outcomes.every((worked) => worked)
  } finally {
    await server.stop()
  }
}

/** Whether the MCP inspector lists and calls the tools of the deployment. */
async function tryInspector(deployment: Deployment): Promise<boolean> {
  const { name, version, files, make } = inspector
  const { url, tenant, token, event } = deployment
  const own = join(folder, 'inspector')
  // What it keeps goes with the folder.
  const env = { ...process.env, HOME: own }
  const flaw = await (async () => {
    await mkdir(own)
    for (const [file, text] of Object.entries(files)) await writeFile(join(own, file), text)
    for (const command of make) await execute(command, own, env)
    const permissions = ['webhooks:read', 'webhooks:list', 'webhooks:write', 'mcp:write']
    const writer = await askAdmin(url, `/tenants/${tenant}/keys`, { permissions })
    const publish = async () => {
      const headers = { authorization: `Bearer ${token}` }
      const request = { method: 'POST', headers, body: event, signal: abort.signal }
      const answer = await fetch(`${url}/v1/events`, request)
      return JSON.parse(await answer.text()).events[0].id
    }
    const situation = { ...deployment, reader: token, writer: writer.token, publish }
    const run = (command: readonly string[]) => execute(command, own, env)
    await checkMade(await inspect(situation, run), deployment)
  })().then(() => null, String)
  const title = `${name} ${version}`
  console.log(flaw === null ? `✓ ${title} listed and called the tools.` : `✗ ${title}: ${flaw}`)
  return flaw === null
}

/** Whether Prometheus' own parser reads the metrics of the deployment. */
async function tryMetrics(url: string): Promise<boolean> {
  const { name, version, needs, program, make, run } = metricsReader
  const own = join(folder, name)
  const { token } = await askAdmin(url, '/operator-keys', {
    name: 'Prometheus',
    permissions: ['metrics:read'],
  })
  const flaw = await (async () => {
    await mkdir(own)
    await copyFile(join(PROGRAMS, program[0]), join(own, program[1]))
    const env = { ...process.env, HOOKLINE_URL: url, HOOKLINE_TOKEN: token }
    await execute([needs, '--version'], own, env)
    for (const command of make) await execute(command, own, env)
    await execute(run, own, env)
  })().then(() => null, String)
  const title = `${name} ${version}`
  console.log(flaw === null ? `✓ ${title} read the metrics.` : `✗ ${title}: ${flaw}`)
  return flaw === null
}

/** The bodies of the webhook and of the event in README's walk, as printed. */
async function readBodies(): Promise<readonly [string, string]> {
  const readme = await readFile('README.md', 'utf8')
  const bodyOf = (path: string) => new RegExp(`\\$API/${path} .*-d '(.*?)'`).exec(readme)?.[1]
  const [webhook, event] = [bodyOf('webhooks'), bodyOf('events')]
  if (webhook === undefined || event === undefined)
    throw new Error('README.md does not contain the request bodies.')
  return [webhook, event]
}

async function makeKey(url: string): Promise<Pick<Deployment, 'tenant' | 'token'>> {
  const { id: tenant } = await askAdmin(url, '/tenants', { name: 'Clients' })
  const { token } = await askAdmin(url, `/tenants/${tenant}/keys`, {})
  return { tenant, token }
}

async function askAdmin(url: string, path: string, body: object) {
  const headers = { authorization: 'Bearer dev-admin-token' }
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal: abort.signal }
  const answer = await fetch(`${url}/v1${path}`, request)
  return JSON.parse(await answer.text())
}

/** Makes a client, runs its program and asks Hookline what came of it. Rejects with what went wrong. */
async function tryOne(generator: Generator, deployment: Deployment): Promise<void> {
  const { name, needs, program, files = {}, make, run, environment } = generator
  const own = join(folder, name)
  await mkdir(own)
  await copyFile(join(PROGRAMS, program[0]), join(own, program[1]))
  for (const [file, text] of Object.entries(files)) await writeFile(join(own, file), text)
  const env = {
    ...process.env,
    ...environment,
    PATH: [join(own, 'venv/bin'), process.env.PATH].join(delimiter),
    HOOKLINE_URL: deployment.url,
    HOOKLINE_TENANT: deployment.tenant,
    HOOKLINE_TOKEN: deployment.token,
    WEBHOOK: deployment.webhook,
    EVENT: deployment.event,
  }
  await execute([needs, needs === 'go' ? 'version' : '--version'], own, env).catch(() => {
    throw new Error(`${needs} is required but not installed.`)
  })
  for (const command of make) await execute(command, own, env)
  const printed = await execute(run, own, env)
  await checkMade(JSON.parse(printed.at(-1) ?? ''), deployment)
}

/** The webhook and the event as Hookline has them must be those of the walk. */
async function checkMade(
  made: { readonly webhook: string; readonly event: string },
  { url, token, webhook, event }: Deployment,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const read = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await fetch(`${url}/v1${path}`, { headers, signal: abort.signal })
    return answer.ok ? JSON.parse(await answer.text()) : {}
  }
  const stored = await read(`/webhooks/${made.webhook}`)
  expectWithin(stored, JSON.parse(webhook), 'The webhook')
  // An event is in the log a moment after it was accepted.
  let logged = await read(`/events/${made.event}`)
  for (let tries = 0; tries < 50 && logged.id === undefined; tries += 1) {
    await sleep(100)
    logged = await read(`/events/${made.event}`)
  }
  expectWithin(logged, JSON.parse(event), 'The event')
}

function expectWithin(
  actual: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
  what: string,
): void {
  for (const [field, value] of Object.entries(expected)) {
    if (JSON.stringify(actual[field]) !== JSON.stringify(value)) {
      throw new Error(`${what} has ${field} ${JSON.stringify(actual[field])}.`)
    }
  }
}

/** What a command prints. Rejects with the end of it when the command fails. */
async function execute(
  command: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  abort.signal.throwIfAborted()
  const lines: string[] = []
  const [file = '', ...args] = command
  const program = file.includes('/') ? resolve(cwd, file) : file
  const group = startGroup([program, ...args], { cwd, env, onLine: (line) => lines.push(line) })
  abort.signal.addEventListener('abort', group.stop, { once: true })
  const code = await group.ended
  abort.signal.removeEventListener('abort', group.stop)
  abort.signal.throwIfAborted()
  if (code === 0) return lines
  throw new Error(`${command.join(' ')} failed:\n${lines.slice(-SHOWN_LINES).join('\n')}`)
}
