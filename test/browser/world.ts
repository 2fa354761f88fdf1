// A deployment on this machine with something in it, and a browser that looks at it.

import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { startDevServer, WITH_EXAMPLES } from '../../scripts/dev-server.ts'

const ADMIN = { authorization: 'Bearer dev-admin-token', 'content-type': 'application/json' }

/** Where Debian, and others, have it; CHROMIUM names another. */
const PATHS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome']

/** Nothing is looked up elsewhere; a container lets no browser make a sandbox. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

/** What receivers answer, by path. */
const RECEIVERS: Readonly<
  Record<string, readonly [status: number, body: string, headers?: Record<string, string>]>
> = {
  '/ok': [200, 'ok'],
  '/fail': [500, '<h1>Internal error</h1><script>document.title = "taken over"</script>'],
  '/login': [302, '', { location: '/sign-in' }],
  '/signature': [
    401,
    '{"error":"No matching signature found"}',
    { 'content-type': 'application/json' },
  ],
}

export interface World {
  readonly url: string
  readonly token: string
  readonly tenantKey: string
  readonly tenantId: string
  readonly webhookIds: Readonly<
    Record<'Shop' | 'CRM' | 'Warehouse' | 'Bookkeeping' | 'Ledger', string>
  >
  readonly browser: Browser
  /** Asks an address for notices of the tenant to be confirmed; where the link in the mail leads. */
  readonly askForNotices: (address: string) => Promise<string>
  readonly close: () => Promise<void>
}

/** `variables`: those of the deployment that are not the usual ones. */
export async function openWorld(variables: Readonly<Record<string, string>> = {}): Promise<World> {
  const path = PATHS.find((one) => one !== undefined && existsSync(one))
  if (path === undefined)
    throw new Error('There is no Chromium: apt-get install chromium, or CHROMIUM=<path>.')
  const receivers = createServer((request, response) => {
    const [status, body, headers = {}] = RECEIVERS[request.url ?? ''] ?? [404, 'Not found']
    request.resume().on('end', () => response.writeHead(status, headers).end(body))
  })
  await new Promise<void>((resolve) => receivers.listen(0, '127.0.0.1', resolve))
  const { port } = receivers.address() as AddressInfo
  const state = await mkdtemp(join(tmpdir(), 'hookline-browser-'))
  const abort = new AbortController()
  const flags = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const server = await startDevServer(
    { flags: ['--port', '0', '--persist-to', state, ...WITH_EXAMPLES, ...flags] },
    abort.signal,
  )
  const browser = await chromium.launch({ executablePath: path, args: FLAGS })
  const close = async () => {
    await browser.close()
    await server.stop()
    receivers.close()
    await rm(state, { recursive: true, force: true })
  }
  const filled = await fill(server.url, `http://127.0.0.1:${port}`)
  const askForNotices = (address: string) => writeNoticeAddress(state, filled.tenantId, address)
  return { url: server.url, browser, close, askForNotices, ...filled }
}

/** As if a mail had been sent: the local runtime of this deployment sends none. */
async function writeNoticeAddress(state: string, tenantId: string, address: string) {
  const secret = randomUUID()
  const hash = createHash('sha256').update(secret).digest('hex')
  const files = await Array.fromAsync(glob(join(state, 'v3/d1/*/*.sqlite')))
  const file = files.find((one) => !one.endsWith('metadata.sqlite')) ?? ''
  const database = new DatabaseSync(file)
  database
    .prepare(
      'INSERT OR REPLACE INTO notice_addresses (tenant_id, address, code_hash, expires_at) VALUES (?, ?, ?, ?)',
    )
    .run(tenantId, address, hash, Date.now() + 86_400_000)
  database.close()
  return `/portal/notices/${tenantId}.${secret}`
}

async function fill(url: string, receivers: string) {
  const call = async (method: string, path: string, body: unknown, headers = ADMIN) => {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text || '{}') as { id: string; token: string; cursor: string }
  }
  const { token } = await call('POST', '/operator-keys', { name: 'Support' })
  const operator = { ...ADMIN, authorization: `Bearer ${token}` }
  const { id: tenantId } = await call('POST', '/tenants', { name: 'Acme Industries', uid: 'acme' })
  for (const name of [
    'Globex',
    `A tenant with a name ${'so long that no table has room for it '.repeat(3)}`,
  ]) {
    await call('POST', '/tenants', { name })
  }
  const base = `/tenants/${tenantId}`
  const { token: tenantKey } = await call('POST', `${base}/keys`, { name: 'Acme' }, operator)
  await call(
    'PUT',
    '/event-types/invoice.paid',
    {
      ...{
        description: 'An invoice was paid in full.',
        group: 'Invoices',
        examples: [{ amount: 12 }],
      },
      schemas: { '2026-11': { type: 'object', properties: { amount: { type: 'number' } } } },
    },
    operator,
  )
  const webhookIds = { Shop: '', CRM: '', Warehouse: '', Bookkeeping: '', Ledger: '' }
  const webhooks = [
    ['Shop', '/ok', ['*'], undefined],
    ['CRM', '/fail', ['invoice.*'], { retry: null }],
    ['Warehouse', '/login', ['order.shipped', 'invoice.paid'], undefined],
    ['Bookkeeping', '/signature', ['invoice.paid'], undefined],
  ] as const
  for (const [name, path, eventTypes, failureHandling] of webhooks) {
    const input = { name, url: `${receivers}${path}`, eventTypes, failureHandling }
    webhookIds[name] = (await call('POST', `${base}/webhooks`, input, operator)).id
  }
  const pulled = { name: 'Ledger', pull: true, eventTypes: ['invoice.paid'] }
  webhookIds.Ledger = (await call('POST', `${base}/webhooks`, pulled, operator)).id
  const ledger = `${base}/webhooks/${webhookIds.Ledger}/pull`
  const { cursor } = await call('GET', ledger, undefined, operator)
  for (const consumer of [
    'billing',
    'a-consumer-with-a-name-that-is-as-long-as-a-name-of-one-may-be.eu',
  ]) {
    await call('POST', `${ledger}/commit`, { consumer: consumer.slice(0, 64), cursor }, operator)
  }
  for (let n = 0; n < 6; n += 1) {
    await call(
      'POST',
      `${base}/events`,
      {
        type: n % 2 === 0 ? 'invoice.paid' : 'order.shipped',
        data: { amount: n, customer: { name: 'Ada <b>Lovelace</b>', lines: [1, 2, 3] } },
        scope: { project: 'apollo' },
      },
      operator,
    )
  }
  for (const hours of [1, 50]) {
    const deliverAt = new Date(Date.now() + hours * 3_600_000).toISOString()
    const later = { type: 'invoice.due', data: { amount: 7 }, scope: { project: 'apollo' } }
    await call('POST', `${base}/events`, { ...later, deliverAt }, operator)
  }
  return { token, tenantKey, tenantId, webhookIds }
}

/** A page of a browser in which whatever goes wrong is remembered. */
export async function openPage(browser: Browser, options: BrowserContextOptions) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    // A violation of the policy is one, too.
    if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error}`))
  return { page, problems }
}

export async function signIn(page: Page, url: string, credential: string): Promise<void> {
  await page.goto(`${url}/console`)
  await page.getByLabel('Credential').fill(credential)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

const axe = await readFile(
  join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'),
  'utf8',
)

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

/** What axe finds on a page, as lines. */
export async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const found = (await page.evaluate(
    'axe.run().then((result) => result.violations)',
  )) as Violation[]
  return found.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html.slice(0, 160)}`)
}

/** Where pictures of the pages are written, for a person to look at. */
export const PICTURES = process.env.PICTURES ?? join(tmpdir(), 'hookline-pictures')
await mkdir(PICTURES, { recursive: true })
