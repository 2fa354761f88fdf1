// How long the pages take of a tenant that has much: `npm run bench -- --pages` fills a tenant with a thousand webhooks and a
// hundred thousand events, some of them diverted, and asks for every page of the console, the portal and the reference, one
// after the other, as it is asked for again and again.

import { setTimeout as sleep } from 'node:timers/promises'
import { startHookline, type World } from './parts.ts'
import type { Service } from './services.ts'
import { percentile } from './statistics.ts'
import { table } from './tables.ts'
import { Visitor } from './visitor.ts'

const WEBHOOKS = 1_000
const EVENTS = 100_000
/** Events of a publish, of which so many at a time are under way. */
const PACK = 500
const CONNECTIONS = 4
/** Of these, publishes for the webhook that takes its events, and for the one that fails, and diverts. Nobody has asked for the others. */
const DELIVERED_PACKS = 10
const REFUSED_PACKS = 4
/** Milliseconds between two looks at what has come. */
const POLL_MS = 200
/** Attempts are written down soon after they were made. */
const SETTLING_MS = 10_000
const WARM_UP = 3
const TIMES = 10
/** What a page may take, by the median; milliseconds. */
const BOUND_MS = 100

const TYPES = {
  delivered: 'bench.event',
  refused: 'bench.refused',
  unheard: 'bench.unheard',
  idle: 'bench.idle',
} as const
/** Given up, and kept, after one attempt. */
const NO_RETRY = { retry: null }

interface Furnished {
  readonly tenantId: string
  readonly healthy: string
  readonly failing: string
  /** Opens the portal. */
  readonly link: string
  readonly operatorToken: string
}

/** Prints a table of the pages, and says which of them take too long. */
export async function printPages(world: World): Promise<void> {
  world.say('starting Hookline')
  const service = await startHookline(world, 'hookline')
  const furnished = await furnish(world, service)
  const console = new Visitor(service.url)
  await console.signIn('/console/sign-in', { credential: furnished.operatorToken })
  const portal = new Visitor(service.url)
  await portal.signIn(new URL(furnished.link).pathname)
  const base = `/console/tenants/${furnished.tenantId}`
  const rows = [
    ...(await measure(console, [
      '/console/tenants',
      ...['', '/webhooks/new', '/jobs', '/live', '/keys', '/audit'].map((path) => `${base}${path}`),
      ...(await pagesOf(console, base, furnished)),
      ...[furnished.healthy, furnished.failing].map((id) => `${base}/webhooks/${id}/failures`),
      '/console/audit',
      '/console/session',
    ])),
    ...(await measure(portal, [
      ...(await pagesOf(portal, '/portal', furnished)),
      '/portal/session',
    ])),
    ...(await measure(portal, ['/docs', '/docs?search=webhook', '/docs/webhooks', '/docs/svix'])),
  ]
  world.say('measured')
  const head = ['page', 'median', 'longest', 'bytes sent', 'compressed']
  const names = new Map([
    [furnished.tenantId, '{tenant}'],
    [furnished.healthy, '{healthy}'],
    [furnished.failing, '{failing}'],
  ])
  const cells = rows.map(({ path, median, longest, bytes, encoding }) => [
    `\`${named(path, names)}\``,
    `${median.toFixed(0)} ms`,
    `${longest.toFixed(0)} ms`,
    bytes.toLocaleString('en'),
    encoding,
  ])
  print(table(head, cells))
  const slow = rows.filter(({ median }) => median > BOUND_MS)
  print(`\n${slow.length} of ${rows.length} pages take more than ${BOUND_MS} ms by the median.`)
  for (const visitor of [console, portal]) visitor.close()
  await service.stop()
  process.exitCode = slow.length > 0 ? 1 : 0
}

const print = (text: string) => process.stdout.write(`${text}\n`)

function named(path: string, names: ReadonlyMap<string, string>): string {
  const short = [...names].reduce((text, [id, name]) => text.replaceAll(id, name), path)
  return short.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{26}/g, '{id}')
}

async function furnish({ receivers, say }: World, service: Service): Promise<Furnished> {
  const tenant = await service.createTenant()
  const { id: tenantId } = tenant
  const operatorToken = await service.createOperatorToken()
  const [ok = '', refusing = ''] = [...receivers.newPaths(1), ...receivers.newPaths(1, 'refusing')]
  const healthy = await tenant.createWebhook(receivers.urlOf(ok), { name: 'Healthy' })
  const failing = await tenant.createWebhook(receivers.urlOf(refusing), {
    name: 'Failing',
    ...{ eventTypes: [TYPES.refused], failureHandling: NO_RETRY },
  })
  say(`making ${WEBHOOKS} webhooks`)
  await inParallel(WEBHOOKS - 2, (n) =>
    tenant.createWebhook(`${receivers.url}/idle/${n}`, {
      name: `Webhook ${n}`,
      eventTypes: [TYPES.idle],
    }),
  )
  say(`publishing ${EVENTS} events`)
  const unheard = EVENTS / PACK - DELIVERED_PACKS - REFUSED_PACKS
  await inParallel(unheard, () => tenant.publish(packOf(TYPES.unheard)))
  say('publishing those that are sent')
  for (const [type, path, packs] of [
    [TYPES.refused, refusing, REFUSED_PACKS],
    [TYPES.delivered, ok, DELIVERED_PACKS],
  ] as const) {
    for (let n = 1; n <= packs; n += 1) {
      await tenant.publish(packOf(type))
      while ((await receivers.countAt(path)) < n * PACK) await sleep(POLL_MS)
    }
  }
  await sleep(SETTLING_MS)
  const { url: link } = await service.create<{ url: string }>(
    operatorToken,
    `/tenants/${tenantId}/portal-links`,
    {},
  )
  return { tenantId, healthy: healthy.id, failing: failing.id, link, operatorToken }
}

function packOf(type: string): string {
  const data = { invoice: 42, customer: { name: 'Ada Lovelace' }, lines: [1, 2, 3] }
  return JSON.stringify(
    Array.from({ length: PACK }, (_, line) => ({ type, data: { ...data, line } })),
  )
}

async function inParallel(count: number, act: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const one = async () => {
    for (let n = next++; n < count; n = next++) await act(n)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
}

/** Those that customers have as well, below `base`: lists, what is searched for, and one of each. */
async function pagesOf(
  visitor: Visitor,
  base: string,
  { healthy, failing }: Furnished,
): Promise<readonly string[]> {
  const webhooks = [healthy, failing].map((id) => `${base}/webhooks/${id}`)
  const [ofHealthy = '', ofFailing = ''] = webhooks
  const links = async (page: string, like: RegExp) =>
    like.exec(await visitor.read(page))?.[0].replaceAll('&amp;', '&') ?? ''
  const list = await visitor.read(`${base}/webhooks`)
  return [
    `${base}/webhooks`,
    ...(/\/webhooks\?[^"]*cursor=[^"]*/.test(list)
      ? [await links(`${base}/webhooks`, /(?<=")[^"]*\/webhooks\?[^"]*cursor=[^"]*/)]
      : []),
    `${base}/webhooks?search=Webhook+99`,
    `${base}/webhooks?search=nothing`,
    `${base}/webhooks?eventType=${TYPES.delivered}`,
    `${base}/webhooks?status=suspended`,
    ...webhooks,
    `${ofFailing}?outcome=failed`,
    `${ofHealthy}/edit`,
    `${ofFailing}/diverted`,
    await links(ofHealthy, /(?<=")[^"]*\/attempts\/[^"]*/),
    await links(ofFailing, /(?<=")[^"]*\/attempts\/[^"]*/),
    `${base}/events`,
    `${base}/events?type=${TYPES.refused}`,
    `${base}/events?type=nothing`,
    await links(`${base}/events`, /(?<=")[^"]*\/events\/[^"?/]+(?=")/),
    await links(`${base}/events?type=${TYPES.refused}`, /(?<=")[^"]*\/events\/[^"?/]+(?=")/),
    `${base}/event-types`,
  ]
}

async function measure(visitor: Visitor, paths: readonly string[]) {
  const rows = []
  for (const path of paths) {
    for (let n = 0; n < WARM_UP; n += 1) await visitor.see(path)
    const seen = []
    for (let n = 0; n < TIMES; n += 1) seen.push(await visitor.see(path))
    const bad = seen.find(({ status }) => status !== 200)
    if (bad) throw new Error(`${path} answered ${bad.status}.`)
    const times = seen.map(({ ms }) => ms)
    const [last] = seen.slice(-1)
    rows.push({
      path,
      median: percentile(times, 0.5),
      longest: Math.max(...times),
      bytes: last?.bytes ?? 0,
      encoding: last?.encoding ?? '',
    })
  }
  return rows
}
