// How long the attempts of a rare webhook take: `npm run bench -- --attempts` lets a tenant have sent a million events, one of a thousand
// of them to the webhook, and asks for its last fifty attempts, page by page.

import { settled } from './cost.ts'
import { startHookline, type World } from './parts.ts'
import { percentile } from './statistics.ts'
import { table } from './tables.ts'

const EVENTS = 1_000_000
/** Events of one request to the Worker, which notes what became of them. */
const STEP = 10_000
/** Fifty events a second. */
const APART_MS = 20
const WANTED = 50
const TIMES = 10
/** What a page may take, and all of them together may read. */
const BOUNDS = { pageMs: 200, rows: 20_000 }

/** Prints what each page took, and what all of them read. */
export async function printAttempts(world: World): Promise<void> {
  const { say, receivers } = world
  say('starting Hookline')
  const service = await startHookline(world, 'metered')
  const tenant = await service.createTenant()
  const [path = ''] = receivers.newPaths(1)
  const { id: rare } = await tenant.createWebhook(receivers.urlOf(path))
  const since = Date.now() - EVENTS * APART_MS
  for (let from = 0; from < EVENTS; from += STEP) {
    const filling = { tenantId: tenant.id, rare, since, apartMs: APART_MS, from, to: from + STEP }
    await service.publisher.send('POST', '/bench/outcomes', '', JSON.stringify(filling))
    if ((from + STEP) % (EVENTS / 10) === 0) say(`${from + STEP} events are noted`)
  }
  await settled(service)
  const pages: { readonly items: number; readonly ms: number }[][] = []
  let rows = 0
  for (let turn = 0; turn < TIMES; turn += 1) {
    const asked = await askPages(rare, (route) =>
      service.publisher.send('GET', route, tenant.token, null),
    )
    rows = (await service.takeCounts()).objectRowsRead
    pages.push(asked)
  }
  await service.stop()
  const count = Math.max(...pages.map(({ length }) => length))
  const cells = Array.from({ length: count }, (_, page) => {
    const times = pages.flatMap((turn) => turn[page]?.ms ?? [])
    const items = pages[0]?.[page]?.items ?? 0
    return [
      `${page + 1}`,
      `${items}`,
      `${percentile(times, 0.5).toFixed(0)} ms`,
      `${Math.max(...times).toFixed(0)} ms`,
    ]
  })
  const longest = Math.max(...pages.flat().map(({ ms }) => ms))
  const verdict = `The longest page took ${longest.toFixed(0)} ms, and all pages together read ${rows.toLocaleString('en')} rows; at most ${BOUNDS.pageMs} ms and ${BOUNDS.rows.toLocaleString('en')} rows are wanted.`
  process.stdout.write(
    `\n${table(['page', 'attempts', 'median', 'longest'], cells)}\n\n${verdict}\n`,
  )
  process.exitCode = longest > BOUNDS.pageMs || rows > BOUNDS.rows ? 1 : 0
}

/** The pages that together have as many attempts as are wanted. */
async function askPages(
  webhookId: string,
  ask: (route: string) => Promise<{ readonly text: string; readonly durationMs: number }>,
) {
  const pages: { readonly items: number; readonly ms: number }[] = []
  let shown = 0
  for (let cursor: string | null = ''; cursor !== null && shown < WANTED; ) {
    const route = `/v1/webhooks/${webhookId}/attempts?limit=${WANTED - shown}${cursor && `&cursor=${cursor}`}`
    const { text, durationMs } = await ask(route)
    const page: { items: unknown[]; nextCursor: string | null } = JSON.parse(text)
    pages.push({ items: page.items.length, ms: durationMs })
    shown += page.items.length
    cursor = page.nextCursor
  }
  if (shown < WANTED) throw new Error(`Only ${shown} attempts were shown.`)
  return pages
}
