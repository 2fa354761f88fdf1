// The access matrix: every route of the app, called with every kind of credential that should not do.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/compose.ts'
import { dialects } from '../../src/dialects/index.ts'
import { OPERATOR_PERMISSIONS, PERMISSIONS } from '../../src/engine/model/index.ts'
import { callInstead, createKey, createOperatorKey, type TestKey } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import {
  FOR_EITHER,
  FOR_EITHER_KIND,
  isShared,
  NAMES_ARE_FREE,
  NEED_MORE,
  NEEDS,
  type Needs,
  refusal,
  surfaceOf,
} from './access-table.ts'
import {
  AS_ADMINISTRATOR,
  administratorElsewhere,
  type Bad,
  everyWay,
  type Fields,
  notQuiteTheAdministrator,
  unfitCredentials,
} from './credentials.ts'
import { bearer, callRoute, comparable, pathFor, type Seen } from './route-calls.ts'
import {
  allRoutes,
  isForEither,
  isForEitherKind,
  needsOf,
  parametersOf,
  type Route,
} from './routes.ts'
import {
  bodyOf,
  createTemplate,
  type FurnishedTenant,
  furnish,
  type Ids,
  NOBODY,
  pictureOf,
  pictureOfOne,
} from './tenants.ts'

const worker = startWorker(dialects)
callInstead(worker.fetch)

const ABSENT =
  'This request requires a credential: Authorization: Bearer <token>, Authorization: Basic <id>:<secret>, or X-API-Key: <token>.'
const WRONG = 'The credential is invalid, revoked or expired.'
const NOT_A_KEY =
  'This request requires a key, and the administrator token is none: where it is accepted, it is a bearer token. Create a key with POST /v1/tenants/{tenant}/keys.'
const OF_A_TENANT =
  'This request requires an operator key or the administrator token. This is the key of a tenant.'
const OF_THE_OPERATOR =
  'This request requires the key of a tenant. An operator key belongs to none: use it where the path names the tenant, as in /v1/tenants/{tenant}/webhooks.'
const ADMIN = 'This request requires the administrator token: Authorization: Bearer <ADMIN_TOKEN>.'
const NOT_THE_ADMIN = `${ADMIN} The credential looks like a key, which is not accepted here.`

const routes = allRoutes()
const needing = (is: (needs: Needs) => boolean) =>
  routes.filter(({ name }) => is(NEEDS[name] ?? 'public'))
const forKeys = needing((needs) => Array.isArray(needs))
const forOperators = needing((needs) => typeof needs === 'object' && 'operator' in needs)
const forAdministrator = needing((needs) => needs === 'administrator')
const forAll = needing((needs) => needs === 'public')

let owner: FurnishedTenant
let stranger: FurnishedTenant
let template = ''
let lacking: ReadonlyMap<string, TestKey>
/** What no route takes as a tenant's key. */
let badKeys: readonly Bad[]
/** What no route takes as the administrator's token. */
let badAdmins: readonly Bad[]

const call = (route: Route, path: string, fields: Fields): Promise<Seen> =>
  callRoute(worker, route, path, fields, bodyOf(route.name, template))

/** By which the paths of some surfaces name the tenant. */
const TENANT_PARAMS = ['tenant', 'tenantLocator', 'app_id']
const namesTenant = (route: Route) =>
  parametersOf(route).some((name) => TENANT_PARAMS.includes(name))

/** What a key needs for a route. */
function permissionsFor({ name }: Route): readonly string[] {
  const needs = NEEDS[name] ?? []
  if (typeof needs === 'string') return []
  return 'operator' in needs ? needs.operator : needs
}

/** An id and something behind it, in a presentation of a key; whether there is such a key does not matter. */
function looksLikeKey([, fields]: Bad): boolean {
  const joined = (wanted: string) =>
    fields
      .filter(([name]) => name === wanted)
      .map(([, value]) => value)
      .join(', ')
  const authorization = joined('authorization')
  const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
  const [, basic] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization) ?? []
  if (basic !== undefined) return new RegExp(`^${uuid}:.`, 'i').test(atob(basic))
  if (fields.some(([name]) => name === 'authorization')) {
    return new RegExp(`^Bearer ${uuid}\\.\\S+$`, 'i').test(authorization)
  }
  return new RegExp(`^${uuid}\\..`, 'i').test(joined('x-api-key'))
}

/** What was stored and sent so far. */
async function everything(): Promise<string> {
  return `${await pictureOf([owner, stranger])} ${worker.messages.length} messages`
}

/** Expects the refusal, in the surface's shape. */
async function expectRefused(
  route: Route,
  path: string,
  [what, fields]: Bad,
  expected: ReturnType<typeof refusal>,
): Promise<void> {
  const seen = await call(route, path, fields)
  const where = `${route.name} with ${what}`
  expect({ status: seen.status, body: JSON.parse(seen.text) }, where).toEqual(expected)
  const json =
    surfaceOf(route.pattern) === 'native' ? 'application/problem+json' : 'application/json'
  expect(seen.headers.get('content-type'), where).toBe(json)
  const challenge = expected.status === 401 ? 'Bearer realm="hookline"' : null
  expect(seen.headers.get('www-authenticate'), where).toBe(challenge)
}

/** Of a list, every `share`th, and of the next route the ones after those: all have their turn on some route. */
function shareOf<T>(list: readonly T[], share: number, turn: number): readonly T[] {
  return list.filter((_, index) => index % share === turn % share)
}

/** Calls every route with one of `share` of the credentials that should not do; 1: with each of them. */
export function describeAccess({ share }: { readonly share: number }): void {
  beforeAll(async () => {
    owner = await furnish('Owner')
    stranger = await furnish('Stranger')
    template = await createTemplate('spare')
    const { tenant } = owner
    lacking = new Map(
      await Promise.all(
        PERMISSIONS.map(async (missing) => {
          const permissions = PERMISSIONS.filter((permission) => permission !== missing)
          return [missing, await createKey(tenant, { permissions })] as const
        }),
      ),
    )
    const unfit = await unfitCredentials(owner, stranger)
    badKeys = [...unfit, ...administratorElsewhere()]
    badAdmins = [
      ...unfit,
      ...everyWay('a key with all permissions', owner.key),
      ...notQuiteTheAdministrator(),
    ]
  })

  describe('the table', () => {
    it('has every operation, and no other', () => {
      expect(routes.map(({ name }) => name).toSorted()).toEqual(Object.keys(NEEDS).toSorted())
    })

    it('says of each what its operation says', () => {
      for (const route of routes) expect(NEEDS[route.name], route.name).toEqual(needsOf(route))
      expect(routes.filter(isForEither).map(({ name }) => name)).toEqual(FOR_EITHER)
      expect(routes.filter(isForEitherKind).map(({ name }) => name)).toEqual(FOR_EITHER_KIND)
    })

    it('has every route of the app: none is registered beside the operations', () => {
      const routed = createApp()
        // The pages and the tools of agents ask these (test/console/pages.test.ts, test/mcp/writing.test.ts).
        .routes.filter(
          ({ method, path }) =>
            method !== 'ALL' && !/^\/(?:console|portal|docs|mcp|\.well-known)(?:\/|$)/.test(path),
        )
        .map(({ method, path }) => `${method} ${path}`)
      expect([...new Set(routed)].toSorted()).toEqual(Object.keys(NEEDS).toSorted())
    })

    it('covers seven surfaces', () => {
      expect(new Set(routes.map(({ pattern }) => surfaceOf(pattern))).size).toBe(7)
    })
  })

  describe('a call that needs a key', () => {
    it('is refused without one, with a bad one and with the administrator’s token', async ({
      task,
    }) => {
      const before = await everything()
      let refused = 0
      for (const [turn, route] of forKeys.entries()) {
        const path = pathFor(route, owner.ids)
        await expectRefused(route, path, ['nothing', []], refusal(path, 'absent', ABSENT))
        const tried = shareOf(badKeys, share, turn)
        for (const bad of tried) {
          if (FOR_EITHER.includes(route.name) && bad[0] === AS_ADMINISTRATOR) continue
          const isAbsent = !bad[1].some(
            ([name]) => name === 'authorization' || name === 'x-api-key',
          )
          const isAdmins = bad[0].startsWith('the administrator')
          const expected = isAbsent
            ? refusal(path, 'absent', ABSENT)
            : refusal(path, 'wrong', isAdmins ? NOT_A_KEY : WRONG)
          await expectRefused(route, path, bad, expected)
        }
        if (route.method !== 'GET') expect(await everything(), route.name).toBe(before)
        refused += tried.length + 1
      }
      expect(await everything()).toBe(before)
      task.meta.counted = `${forKeys.length} routes, ${badKeys.length + 1} credentials that are none: ${refused} refused, nothing changed`
    }, 120_000)

    it('is refused with a credential that is not ASCII', async () => {
      // The runtime warns of every such header, so one route of each surface is enough.
      const bySurface = Map.groupBy(forKeys, ({ pattern }) => surfaceOf(pattern))
      for (const [route] of bySurface.values()) {
        if (route === undefined) continue
        const path = pathFor(route, owner.ids)
        const bad: Bad = ['é', [['authorization', 'Bearer \u00e9\u00fc.\u00ff\u00df']]]
        await expectRefused(route, path, bad, refusal(path, 'wrong', WRONG))
      }
    })

    it('is refused to a key that lacks exactly one permission it needs', async ({ task }) => {
      const before = await everything()
      let refused = 0
      for (const route of forKeys) {
        const path = pathFor(route, owner.ids)
        for (const missing of permissionsFor(route)) {
          const key = lacking.get(missing)
          if (key === undefined) throw new Error(`No such permission: ${missing}`)
          const sentence = `This key does not have the permission ${missing}.`
          const bad: Bad = [`all but ${missing}`, bearer(key)]
          const expected = refusal(path, 'forbidden', sentence)
          await expectRefused(route, path, bad, expected)
          if (route.method !== 'GET') expect(await everything(), route.name).toBe(before)
          refused += 1
        }
      }
      expect(await everything()).toBe(before)
      task.meta.counted = `${forKeys.length} routes without one permission: ${refused} refused, nothing changed`
    }, 120_000)

    it('shows a stranger nothing, and no difference between foreign and unknown', async ({
      task,
    }) => {
      const before = await everything()
      let compared = 0
      const objects = forKeys.filter(
        (route) =>
          parametersOf(route).length > 0 &&
          !NAMES_ARE_FREE.includes(route.name) &&
          !isShared(route),
      )
      for (const route of objects) {
        const isWithin = namesTenant(route)
        const hasObject = parametersOf(route).some((name) => !TENANT_PARAMS.includes(name))
        // The owner's path; and where the tenant stands in it, the owner's objects under the stranger's own path.
        const pairs: (readonly [foreign: Ids, unknown: Ids])[] = [[owner.ids, NOBODY]]
        if (isWithin && hasObject) {
          const { tenant } = stranger.ids
          pairs.push([
            { ...owner.ids, tenant },
            { ...NOBODY, tenant },
          ])
          const webhookOf = ({ socotra, native }: Ids) => ({ ...NOBODY, tenant, socotra, native })
          pairs.push([webhookOf(owner.ids), webhookOf(NOBODY)])
        }
        if (/:webhook.*:event/.test(route.pattern)) {
          // An own webhook with the owner's event.
          const own = ({ event, diverted }: Ids) => ({ ...stranger.ids, event, diverted })
          pairs.push([own(owner.ids), own(NOBODY)])
        }
        for (const [foreign, unknown] of pairs) {
          const seen = await call(route, pathFor(route, foreign), bearer(stranger.key))
          const other = await call(route, pathFor(route, unknown), bearer(stranger.key))
          expect(comparable(seen), route.name).toEqual(comparable(other))
          // The list of a request that caused nothing is empty, whosever request it was.
          const isEmptyList =
            route.name.endsWith('/events/request/:requestId') && seen.text === '[]'
          if (!isEmptyList) expect(seen.status, `${route.name}: ${seen.text}`).toBe(404)
          for (const mark of owner.marks) expect(seen.text, route.name).not.toContain(mark)
          expect(await everything(), route.name).toBe(before)
          compared += 1
        }
      }
      task.meta.counted = `${objects.length} routes with foreign ids: ${compared} pairs of foreign and unknown alike, nothing changed`
    }, 120_000)

    it('does only to a stranger’s own what names no object', async ({ task }) => {
      const collections = forKeys.filter(
        (route) =>
          !isShared(route) &&
          !NEED_MORE.includes(route.name) &&
          (parametersOf(route).length === 0 || NAMES_ARE_FREE.includes(route.name)),
      )
      const before = await pictureOfOne(owner)
      for (const route of collections) {
        const seen = await call(route, pathFor(route, owner.ids), bearer(stranger.key))
        expect(seen.status, `${route.name}: ${seen.text}`).toBeLessThan(300)
        for (const mark of owner.marks) expect(seen.text, route.name).not.toContain(mark)
        expect(await pictureOfOne(owner), route.name).toBe(before)
      }
      task.meta.counted = `${collections.length} routes without ids: nothing of another tenant's in an answer, nothing changed`
    }, 120_000)
  })

  describe('a call that a key makes about its tenant, and the administrator about the deployment', () => {
    it('shows the administrator nothing of a tenant', async () => {
      const before = await everything()
      const administrator: Fields = [['authorization', `Bearer ${env.ADMIN_TOKEN}`]]
      const routesOfBoth = forKeys.filter(({ name }) => FOR_EITHER.includes(name))
      for (const route of routesOfBoth.filter((route) => !isShared(route))) {
        const seen = await call(route, pathFor(route, owner.ids), administrator)
        expect(seen.status, route.name).toBe(parametersOf(route).length > 0 ? 404 : 200)
        for (const mark of owner.marks) expect(seen.text, route.name).not.toContain(mark)
      }
      expect(await everything()).toBe(before)
    })
  })

  describe('a call that needs the administrator', () => {
    it('is refused to everybody else', async ({ task }) => {
      const before = await everything()
      let refused = 0
      for (const [turn, route] of forAdministrator.entries()) {
        const path = pathFor(route, owner.ids)
        await expectRefused(route, path, ['nothing', []], refusal(path, 'wrong', ADMIN))
        const tried = shareOf(badAdmins, share, turn)
        for (const bad of tried) {
          const sentence = looksLikeKey(bad) ? NOT_THE_ADMIN : ADMIN
          await expectRefused(route, path, bad, refusal(path, 'wrong', sentence))
        }
        refused += tried.length + 1
        if (route.method !== 'GET') expect(await everything(), route.name).toBe(before)
      }
      expect(await everything()).toBe(before)
      task.meta.counted = `${forAdministrator.length} routes, ${badAdmins.length + 1} credentials that are not the administrator's: ${refused} refused, nothing changed`
    }, 120_000)
  })

  describe('a call that needs an operator key or the administrator', () => {
    it('is refused to everybody else, and to the key of a tenant as one', async ({ task }) => {
      const before = await everything()
      let refused = 0
      for (const [turn, route] of forOperators.entries()) {
        const path = pathFor(route, owner.ids)
        await expectRefused(route, path, ['nothing', []], refusal(path, 'absent', ABSENT))
        const tried = shareOf(badKeys, share, turn).filter(([what]) => what !== AS_ADMINISTRATOR)
        for (const bad of tried) {
          const isAbsent = !bad[1].some(
            ([name]) => name === 'authorization' || name === 'x-api-key',
          )
          const isAdmins = bad[0].startsWith('the administrator')
          const expected = isAbsent
            ? refusal(path, 'absent', ABSENT)
            : refusal(path, 'wrong', isAdmins ? NOT_A_KEY : WRONG)
          await expectRefused(route, path, bad, expected)
        }
        for (const bad of everyWay('a key of the tenant', owner.key)) {
          await expectRefused(route, path, bad, refusal(path, 'forbidden', OF_A_TENANT))
        }
        refused += tried.length + 4
        if (route.method !== 'GET') expect(await everything(), route.name).toBe(before)
      }
      expect(await everything()).toBe(before)
      task.meta.counted = `${forOperators.length} routes of operator keys: ${refused} refused, nothing changed`
    }, 120_000)
  })

  describe('an operator key', () => {
    it('is refused where no tenant is named, and where the administrator is needed', async ({
      task,
    }) => {
      const key = await createOperatorKey()
      const before = await everything()
      const tenantless = forKeys.filter(
        (route) => !namesTenant(route) && !FOR_EITHER_KIND.includes(route.name),
      )
      for (const route of tenantless) {
        const path = pathFor(route, owner.ids)
        const expected = refusal(path, 'forbidden', OF_THE_OPERATOR)
        await expectRefused(route, path, ['an operator key', bearer(key)], expected)
      }
      for (const route of forAdministrator) {
        const path = pathFor(route, owner.ids)
        for (const bad of everyWay('an operator key', key)) {
          await expectRefused(route, path, bad, refusal(path, 'wrong', NOT_THE_ADMIN))
        }
      }
      expect(await everything()).toBe(before)
      task.meta.counted = `${tenantless.length} routes without a tenant and ${forAdministrator.length} of the administrator: an operator key refused, nothing changed`
    }, 120_000)

    it('is refused without exactly one permission it needs', async ({ task }) => {
      const served = [
        ...forOperators,
        ...forKeys.filter((route) => namesTenant(route) || FOR_EITHER_KIND.includes(route.name)),
      ]
      const keys = new Map(
        await Promise.all(
          OPERATOR_PERMISSIONS.map(async (missing) => {
            const permissions = OPERATOR_PERMISSIONS.filter((permission) => permission !== missing)
            return [missing, await createOperatorKey({ permissions })] as const
          }),
        ),
      )
      const before = await everything()
      let refused = 0
      for (const route of served) {
        const path = pathFor(route, owner.ids)
        for (const missing of permissionsFor(route)) {
          const key = [...keys].find(([name]) => name === missing)?.[1]
          if (key === undefined) throw new Error(`No such permission: ${missing}`)
          const sentence = `This key does not have the permission ${missing}.`
          const bad: Bad = [`all but ${missing}`, bearer(key)]
          await expectRefused(route, path, bad, refusal(path, 'forbidden', sentence))
          refused += 1
        }
      }
      expect(await everything()).toBe(before)
      task.meta.counted = `${served.length} routes to an operator key without one permission: ${refused} refused, nothing changed`
    }, 120_000)

    it('learns of a tenant’s objects nothing through another tenant', async () => {
      const key = await createOperatorKey()
      const before = await everything()
      const { tenant } = stranger.ids
      for (const route of forKeys.filter(namesTenant)) {
        if (!parametersOf(route).some((name) => !TENANT_PARAMS.includes(name))) continue
        const foreign = await call(route, pathFor(route, { ...owner.ids, tenant }), bearer(key))
        const unknown = await call(route, pathFor(route, { ...NOBODY, tenant }), bearer(key))
        expect(comparable(foreign), route.name).toEqual(comparable(unknown))
        for (const mark of owner.marks) expect(foreign.text, route.name).not.toContain(mark)
      }
      expect(await everything()).toBe(before)
    }, 120_000)
  })

  describe('a public call', () => {
    it('is answered whatever the credential', async ({ task }) => {
      for (const route of forAll) {
        for (const [what, fields] of [['nothing', []] as Bad, ...badAdmins]) {
          expect((await call(route, route.pattern, fields)).status, what).toBe(200)
        }
      }
      task.meta.counted = `${forAll.length} public routes × ${badAdmins.length + 1} credentials: all answered`
    })
  })

  describe('the calls of the matrix', () => {
    it('are good ones: whoever may make them can', async () => {
      const order = ['PUT', 'GET', 'PATCH', 'POST', 'DELETE']
      const operatorKey = await createOperatorKey()
      // The deepest first, so that nothing is gone before what is within it.
      const sorted = routes.toSorted(
        (a, b) =>
          order.indexOf(a.method) - order.indexOf(b.method) || b.pattern.length - a.pattern.length,
      )
      // Nor is anything resent once all of it was expunged.
      const isTenant = ({ pattern }: Route) =>
        ['/v1/tenants/:tenant', '/api/v1/app/:app_id'].includes(pattern) ||
        pattern.endsWith('/expunge-all-contents')
      for (const route of [...sorted.filter((r) => !isTenant(r)), ...sorted.filter(isTenant)]) {
        if (NEED_MORE.includes(route.name)) continue
        // What is done twice, with the tenant in the path, is done to another one's, and by the operator.
        const isTwice = forKeys.includes(route) && parametersOf(route).includes('tenant')
        // Nor is one deleted twice.
        const isSecond = route.name === 'DELETE /api/v1/app/:app_id'
        const { ids } = isTwice || isSecond ? stranger : owner
        const isOperators = isTwice || forOperators.includes(route)
        const ofOthers = forKeys.includes(route) ? owner.key.token : env.ADMIN_TOKEN
        const token = isOperators ? operatorKey.token : ofOthers
        const fields: Fields = [['authorization', `Bearer ${token}`]]
        const seen = await call(route, pathFor(route, ids), fields)
        expect(seen.status, `${route.name}: ${seen.text}`).toBeLessThan(300)
      }
    }, 30_000)
  })
}
