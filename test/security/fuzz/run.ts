// One run of the fuzz over a surface: sends, judges, reads back, counts.

import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect } from 'vitest'
import { toSvixId } from '../../../src/dialects/svix/ids.ts'
import { uuidToUlid } from '../../../src/http/ids.ts'
import { judge } from './judge.ts'
import {
  type Asked,
  credentialOf,
  type Grounds,
  legalPath,
  requestsOf,
  toRequest,
} from './requests.ts'
import { type FuzzRoute, fuzzRoutes } from './routes.ts'
import { type Observed, World } from './world.ts'

export interface Fuzz {
  readonly grounds: Grounds
  readonly routes: readonly FuzzRoute[]
}

const PREFIXES = { webhook: 'ep', event: 'msg', attempt: 'atmpt' } as const

/** How surfaces write ids, tenants aside; the others as they are. */
const WRITTEN: Readonly<Record<string, (uuid: string, kind: keyof typeof PREFIXES) => string>> = {
  socotra: (uuid) => uuidToUlid(uuid),
  svix: (uuid, kind) => toSvixId(PREFIXES[kind], uuid),
}

const writing = {
  admin: env.ADMIN_TOKEN,
  writeId: ({ surface }: FuzzRoute, uuid: string, kind: keyof typeof PREFIXES) =>
    uuid === '' ? uuid : (WRITTEN[surface]?.(uuid, kind) ?? uuid),
}

/** The seed of this run: another one each time, unless FUZZ_SEED says which. */
export const SEED = Number(env.FUZZ_SEED || Date.now() % 2 ** 31)

export async function beginFuzz(): Promise<Fuzz> {
  const found = await World.begin()
  const bare: Grounds = { ...found, cursors: [] }
  const cursors: string[] = []
  for (const route of fuzzRoutes.filter(({ method }) => method === 'GET')) {
    for (const me of [found.me, found.other]) {
      const { text } = await send(
        { ...legal(route), query: '?limit=1&pageSize=1' },
        { ...bare, me },
      )
      const cursor = /"(?:nextCursor|pagingToken)":"([^"]+)"/.exec(text)?.[1]
      if (cursor !== undefined) cursors.push(cursor)
    }
  }
  return { grounds: { ...found, cursors: [...new Set(cursors)] }, routes: fuzzRoutes }
}

/** A request that reads, with nothing wrong. */
function legal(route: FuzzRoute): Asked {
  return {
    route,
    method: route.method,
    path: legalPath(route),
    query: '',
    headers: [['authorization', credentialOf(route)]],
    body: null,
  }
}

const send = (asked: Asked, grounds: Grounds): Promise<Observed> =>
  grounds.world.fetch(toRequest(asked, grounds, writing))

export interface Counts {
  requests: number
  readonly statuses: Map<number, number>
  readBack: number
  slowestMs: number
  slowest: Asked | null
}

/**
 * How often a route has its turn: the more of a request it reads, the more there is to spoil. What is deleted is made
 * anew, with an object of its own: that takes longest.
 */
function weightOf({ method, bodies, query }: FuzzRoute): number {
  if (method === 'DELETE') return 1
  if (bodies.length > 0) return 10
  return query === null ? 2 : 6
}

/** Sends `runs` requests of a surface. Rejects with the smallest one whose answer is wrong. */
export async function fuzzSurface(
  surface: string,
  runs: number,
  { grounds, routes }: Fuzz,
): Promise<Counts> {
  const counts: Counts = {
    requests: 0,
    statuses: new Map(),
    readBack: 0,
    slowestMs: 0,
    slowest: null,
  }
  const own = routes.filter((route) => route.surface === surface)
  const { world, me, other } = grounds
  const property = fc.asyncProperty(
    fc.oneof(
      ...own.map((route) => ({ weight: weightOf(route), arbitrary: requestsOf(route, grounds) })),
    ),
    async (asked) => {
      const startedAt = performance.now()
      let answer = await send(asked, grounds)
      const took = performance.now() - startedAt
      counts.requests += 1
      counts.statuses.set(answer.status, (counts.statuses.get(answer.status) ?? 0) + 1)
      if (took > counts.slowestMs) Object.assign(counts, { slowestMs: took, slowest: asked })
      if (answer.status >= 400 && answer.changes.length > 0) {
        // A key that was claimed and given back; asked again, it leaves all as it was.
        const before = await world.snapshot()
        answer = await send(asked, grounds)
        if (before === (await world.snapshot())) answer = { ...answer, changes: [] }
      }
      const flaws = judge(asked, answer)
      if (flaws.length === 0 && answer.status < 300 && answer.changes.length > 0) {
        flaws.push(...(await readBack(asked, answer, own, grounds)))
        counts.readBack += 1
        if (asked.method === 'DELETE' || counts.readBack % 10 === 0) await world.tidy(me, other)
      }
      expect(flaws).toEqual([])
    },
  )
  await fc.assert(property, {
    numRuns: Number(env.FUZZ_RUNS || runs),
    seed: SEED,
  })
  return counts
}

/** Fields of an answer to a change that reading does not show. */
const SHOWN_ONCE = /secret|token/i

/** What an accepted change answered is what reading it answers. */
async function readBack(
  asked: Asked,
  { status, text }: Observed,
  routes: readonly FuzzRoute[],
  grounds: Grounds,
): Promise<string[]> {
  if (text === '' || !['POST', 'PATCH', 'PUT'].includes(asked.method)) return []
  const answer = JSON.parse(text) as Record<string, unknown>
  const id = answer.id ?? answer.locator
  const { path } = asked.route
  const reader = routes.find(
    (route) =>
      route.method === 'GET' &&
      (asked.method === 'POST'
        ? new RegExp(`^${path}/:\\w+$`).test(route.path)
        : route.path === path),
  )
  if (reader === undefined || (asked.method === 'POST' && typeof id !== 'string')) return []
  // What was made may have another name than the path's, by its body.
  const isNamed = asked.method === 'PUT' && status === 201 && typeof id === 'string'
  const named = isNamed ? asked.path.replace(/[^/]+$/, id) : asked.path
  const at = asked.method === 'POST' ? `${legalPath(asked.route)}/${id}` : named
  const read = await send({ ...legal(reader), path: at }, grounds)
  if (read.status !== 200) return [`what was answered cannot be read: ${read.status}`]
  const shown = JSON.parse(read.text) as Record<string, unknown>
  return Object.entries(shown).flatMap(([name, value]) =>
    SHOWN_ONCE.test(name) ||
    !(name in answer) ||
    JSON.stringify(value) === JSON.stringify(answer[name])
      ? []
      : [
          `${name} was answered as ${JSON.stringify(answer[name])} and reads ${JSON.stringify(value)}`,
        ],
  )
}

export function inWords(
  surface: string,
  { requests, statuses, readBack, slowestMs }: Counts,
): string {
  const list = [...statuses]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
  return `${surface}: ${requests} requests (seed ${SEED}), ${list.join(', ')}; no 5xx; ${readBack} changes read back; slowest ${Math.round(slowestMs)} ms`
}
