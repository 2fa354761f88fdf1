// The access matrix of users within one tenant: every route that takes a key, called by keys that act for a user, about
// what that user owns, what another one owns, and what nobody does.

import { beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { callInstead, createTenant, type TestKey } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import {
  isShared,
  NAMES_ARE_FREE,
  NEED_MORE,
  NEEDS,
  NOT_FOR_USERS,
  surfaceOf,
} from './access-table.ts'
import { keysOf } from './credentials.ts'
import { bearer, callRoute, comparable, pathFor, type Seen } from './route-calls.ts'
import { allRoutes, parametersOf, type Route } from './routes.ts'
import {
  bodyOf,
  createTemplate,
  type FurnishedTenant,
  furnish,
  NOBODY,
  pictureOf,
} from './tenants.ts'

const worker = startWorker(dialects)
callInstead(worker.fetch)

const forKeys = allRoutes().filter((route) => Array.isArray(NEEDS[route.name]) && !isShared(route))
const OF_TENANTS: readonly string[] = ['tenant', 'tenantLocator', 'app_id']
const isObject = (route: Route) =>
  parametersOf(route).some((name) => !OF_TENANTS.includes(name)) &&
  !NAMES_ARE_FREE.includes(route.name)
const objects = forKeys.filter(isObject)
const collections = forKeys.filter((route) => !isObject(route))

/** What the house has, whose key acts for nobody; and what each of two users has. */
let house: FurnishedTenant
let ada: FurnishedTenant
let grace: FurnishedTenant
let keys: Readonly<Record<'ada' | 'grace', { readonly plain: TestKey; readonly steward: TestKey }>>
let template = ''

beforeAll(async () => {
  const tenant = await createTenant('Together')
  house = await furnish('House', { tenant, type: 'policy.issue' })
  ada = await furnish('Ada', { tenant, subject: 'ada', type: 'policy.renew' })
  grace = await furnish('Grace', { tenant, subject: 'grace', type: 'policy.lapse' })
  keys = { ada: await keysOf('ada', tenant), grace: await keysOf('grace', tenant) }
  template = await createTemplate('spare')
}, 60_000)

const call = (route: Route, path: string, key: TestKey): Promise<Seen> =>
  callRoute(worker, route, path, bearer(key), bodyOf(route.name, template))

const everything = async () =>
  `${await pictureOf([house, ada, grace])} ${worker.messages.length} messages`

/** Whose things a key must not see, the key, and how often that was compared. */
const strangers = (): readonly (readonly [
  who: string,
  key: TestKey,
  whose: FurnishedTenant,
  own: FurnishedTenant,
])[] => [
  ['ada about grace’s', keys.ada.plain, grace, ada],
  ['ada, who may see what nobody owns, about grace’s', keys.ada.steward, grace, ada],
  ['grace about ada’s', keys.grace.plain, ada, grace],
  ['ada about the house’s', keys.ada.plain, house, ada],
]

describe('a call by a key that acts for a user', () => {
  it('about what that user does not own reads like one about nothing, on every route', async ({
    task,
  }) => {
    const before = await everything()
    let compared = 0
    for (const [who, key, whose, own] of strangers()) {
      const { tenant } = whose.ids
      for (const route of objects) {
        const where = `${route.name}, ${who}`
        const pairs = [[whose.ids, { ...NOBODY, tenant }]]
        if (/:webhook.*:event|:msg_id.*:endpoint_id/.test(route.pattern)) {
          // An own webhook with the other's event.
          const { event, diverted } = whose.ids
          pairs.push([
            { ...own.ids, event, diverted },
            { ...own.ids, event: NOBODY.event, diverted: NOBODY.diverted },
          ])
        }
        for (const [foreign = NOBODY, unknown = NOBODY] of pairs) {
          const seen = await call(route, pathFor(route, foreign), key)
          const other = await call(route, pathFor(route, unknown), key)
          expect(comparable(seen), where).toEqual(comparable(other))
          const isEmptyList =
            route.name.endsWith('/events/request/:requestId') && seen.text === '[]'
          if (!isEmptyList) expect(seen.status, `${where}: ${seen.text}`).toBe(404)
          for (const mark of whose.marks) expect(seen.text, where).not.toContain(mark)
          compared += 1
        }
        if (route.method !== 'GET') expect(await everything(), where).toBe(before)
      }
    }
    expect(await everything()).toBe(before)
    task.meta.counted = `${objects.length} routes, ${strangers().length} pairs of a user and what is not that user's: ${compared} pairs of foreign and unknown alike, nothing changed`
  }, 120_000)

  it('that names nothing shows nothing of what that user does not own', async ({ task }) => {
    const lists = collections.filter(({ method }) => method === 'GET')
    for (const [who, key, whose] of strangers()) {
      for (const route of lists) {
        const seen = await call(route, pathFor(route, whose.ids), key)
        expect(seen.status, `${route.name}, ${who}: ${seen.text}`).toBe(200)
        // The name of an instance is in no answer of its own.
        for (const mark of whose.marks)
          expect(seen.text, `${route.name}, ${who}`).not.toContain(mark)
      }
    }
    task.meta.counted = `${lists.length} lists for ${strangers().length} pairs of a user and what is not that user's: nothing shown`
  })

  it('takes no instance that is another’s', async () => {
    const before = await everything()
    for (const [who, key, whose] of strangers()) {
      for (const route of collections.filter(({ name }) => NAMES_ARE_FREE.includes(name))) {
        const seen = await call(route, pathFor(route, whose.ids), key)
        const expected =
          route.method === 'GET'
            ? [200, expect.stringContaining('"url":null')]
            : [409, expect.any(String)]
        expect([seen.status, seen.text], `${route.name}, ${who}`).toEqual(expected)
      }
    }
    expect(await everything()).toBe(before)
  })

  it('does on every route what it asks of its user’s own, and of nobody’s where that is allowed', async ({
    task,
  }) => {
    const cases = [
      ['ada’s own', keys.ada.plain, ada],
      ['nobody’s', keys.ada.steward, house],
    ] as const
    const order = ['GET', 'PATCH', 'POST', 'DELETE']
    // What a path names the tenant of is the same operation: done once, most of it cannot be done again.
    const once = [...objects, ...collections].filter(
      (route) => route.method === 'GET' || !parametersOf(route).includes('tenant'),
    )
    const sorted = once.toSorted(
      (a, b) =>
        order.indexOf(a.method) - order.indexOf(b.method) ||
        // With a webhook its jobs go.
        Number(b.pattern.includes('/jobs/')) - Number(a.pattern.includes('/jobs/')) ||
        b.pattern.length - a.pattern.length,
    )
    for (const [who, key, whose] of cases) {
      for (const route of sorted) {
        // A user sees only what this user created (docs/contracts/crazygoldfish.md, "Authentication").
        const isApart = surfaceOf(route.pattern) === 'crazygoldfish' && whose === house
        if (isApart || NEED_MORE.includes(route.name)) continue
        const seen = await call(route, pathFor(route, whose.ids), key)
        const isRefused = NOT_FOR_USERS.includes(route.name)
        const said = `${route.name}, ${who}: ${seen.text}`
        if (isRefused) expect(seen.status, said).toBe(403)
        else expect(seen.status, said).toBeLessThan(300)
      }
    }
    task.meta.counted = `${sorted.length} routes for a user's own and for nobody's: all answered`
  }, 60_000)

  it('leaves what other users own where it is', async () => {
    const ids = Object.entries(grace.ids).filter(([surface]) =>
      ['native', 'contractfit', 'crazygoldfish', 'infermedica', 'socotra'].includes(surface),
    )
    const route = forKeys.find(({ name }) => name === 'GET /v1/webhooks/:webhookId')
    if (route === undefined) throw new Error('No such route.')
    for (const [surface, id] of ids) {
      const seen = await call(route, `/v1/webhooks/${id}`, grace.key)
      expect(seen.status, surface).toBe(200)
      expect(seen.text, surface).not.toContain('elsewhere.example')
    }
  })
})
