// What a customer's own page uses: keys of an application for a while, as Svix's application portal has them.

import { z } from 'zod'
import { CAPABILITIES, type Key, type Permission } from '../../engine/model/index.ts'
import { EngineError } from '../../errors.ts'
import { nothing, optionalJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { portalLinkUrl } from '../../http/public-url.ts'
import { repeatable } from '../../http/repeatable.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { CATALOGUE, PAGE } from '../../limits.ts'
import { actForApplication } from './applications.ts'
import { ApplicationIn } from './schema/application.ts'
import { FlagName } from './schema/event-type.ts'

/** What each capability permits (docs/contracts/svix.md, "Paths"). */
const PERMITTED = {
  ViewBase: CAPABILITIES.view,
  ManageEndpoint: CAPABILITIES['manage-webhooks'],
  CreateAttempts: CAPABILITIES['resend-events'],
  ViewEndpointSecret: CAPABILITIES['read-secrets'],
  ManageEndpointSecret: CAPABILITIES['rotate-secrets'],
  ManageTransformations: [],
} as const satisfies Record<string, readonly Permission[]>

type Capability = keyof typeof PERMITTED
const ALL = Object.keys(PERMITTED) as readonly Capability[]

const DAY = 24 * 60 * 60
const Capability = z.enum([
  'ViewBase',
  'ViewEndpointSecret',
  'ManageEndpointSecret',
  'ManageTransformations',
  'CreateAttempts',
  'ManageEndpoint',
])

const AccessIn = z
  .object({
    featureFlags: z
      .array(FlagName)
      .max(CATALOGUE.flags)
      .nullish()
      .meta({ description: 'Event types that have a flag are shown under these only.' }),
    application: ApplicationIn.nullish().meta({ description: 'Made first, if there is none.' }),
    capabilities: z.array(Capability).nullish().meta({ description: 'All if absent.' }),
    expiry: z
      .int()
      .min(60 * 60)
      .max(7 * DAY)
      .nullish()
      .meta({ description: 'For how many seconds; a week if absent.' }),
    sessionId: z.string().max(100).nullish().meta({ description: 'Names the key.' }),
    readOnly: z
      .boolean()
      .nullish()
      .meta({ description: 'The same as the capability `ViewBase` alone.' }),
  })
  .meta({ id: 'SvixAppPortalAccessIn' })

const AccessOut = z
  .object({
    url: z.string().meta({ description: 'Opens the customer’s pages, once.' }),
    token: z.string().meta({ description: 'The key.' }),
  })
  .meta({ id: 'SvixAppPortalAccessOut' })

const ExpireIn = z
  .object({
    expiry: z
      .int()
      .min(0)
      .max(7 * DAY)
      .nullish()
      .meta({ description: 'In how many seconds they end; at once if absent.' }),
    sessionIds: z
      .array(z.string())
      .nullish()
      .meta({ description: 'Only keys that were made with one of these; all if absent.' }),
  })
  .meta({ id: 'SvixApplicationTokenExpireIn' })

/** How the names of such keys begin: others are not ended by these calls. */
const NAME = 'app-portal'
const nameOf = (sessionId: string) => `${NAME}:${sessionId}`
const isOfPortal = ({ name }: Pick<Key, 'name'>) =>
  name === NAME || (name?.startsWith(nameOf('')) ?? false)

/** The permissions of some capabilities, each once. */
function permissionsOf(capabilities: readonly Capability[]): readonly Permission[] {
  return [...new Set(capabilities.flatMap((one): readonly Permission[] => PERMITTED[one]))]
}

/** The keys of a tenant that were made here. */
async function portalKeys(c: SurfaceContext, tenantId: string): Promise<readonly Key[]> {
  const all: Key[] = []
  for (let after: string | null = null; ; after = all.at(-1)?.id ?? null) {
    const page = { limit: PAGE.maxLimit, after }
    const found: readonly Key[] = await c.env.engine.administration.listKeys(tenantId, page)
    all.push(...found)
    if (found.length < PAGE.maxLimit) return all.filter(isOfPortal)
  }
}

export const accessOperations = [
  repeatable(
    operation({
      id: 'appPortalAccess',
      method: 'post',
      path: '/auth/app-portal-access/{app_id}',
      summary: 'Make a key for a customer’s page',
      access: { operator: ['keys:write'] },
      looksUpTenant: false,
      audit: ['portal_link.created', 'tenant.created'],
      input: optionalJson(AccessIn),
      status: 200,
      output: AccessOut,
      handle: async ({ c, id, input }) => {
        const { featureFlags, application, capabilities, expiry, sessionId, readOnly } = input
        const permissions = permissionsOf(readOnly ? ['ViewBase'] : (capabilities ?? ALL))
        const tenantId = await actForApplication(c, id('app_id'), application)
        const expiresAt = Date.now() + (expiry ?? 7 * DAY) * 1_000
        const { link, code, secret } = await c.env.engine.portalLinks.create(
          tenantId,
          {
            name: sessionId ? nameOf(sessionId) : NAME,
            subject: null,
            ...{ permissions, featureFlags: featureFlags ?? [] },
            ...{ expiresAt, keyExpiresAt: expiresAt },
          },
          c.get('caller').permissions,
        )
        return { url: portalLinkUrl(c, code), token: `${link.key.id}.${secret}` }
      },
    }),
  ),
  repeatable(
    operation({
      id: 'logout',
      method: 'post',
      path: '/auth/logout',
      summary: 'End the key that asks',
      description: 'Only a key that was made for a customer’s page.',
      access: { eitherKind: [] },
      audit: ['key.deleted'],
      input: nothing,
      status: 204,
      handle: async ({ c }) => {
        const { id, tenantId } = c.get('caller')
        const keys = tenantId === null ? [] : await portalKeys(c, tenantId)
        if (tenantId === null || !keys.some((key) => key.id === id)) {
          throw new EngineError('forbidden', 'This key was not made by app-portal-access.')
        }
        await c.env.engine.administration.deleteKey(tenantId, id)
      },
    }),
  ),
  repeatable(
    operation({
      id: 'expireAll',
      method: 'post',
      path: '/auth/app/{app_id}/expire-all',
      summary: 'End all keys of customers’ pages',
      access: { operator: ['keys:write'] },
      audit: ['key.deleted', 'key.expired'],
      input: optionalJson(ExpireIn),
      status: 204,
      handle: async ({ c, id, input: { expiry, sessionIds } }) => {
        const { administration } = c.env.engine
        const tenantId = id('app_id')
        const at = Date.now() + (expiry ?? 0) * 1_000
        const names = sessionIds?.map(nameOf)
        for (const key of await portalKeys(c, tenantId)) {
          if (names !== undefined && !names.includes(key.name ?? '')) continue
          if (expiry) await administration.expireKey(tenantId, key.id, at)
          else await administration.deleteKey(tenantId, key.id)
        }
      },
    }),
  ),
  operation({
    id: 'health',
    method: 'get',
    path: '/health',
    summary: 'See whether the key works',
    access: { eitherKind: [] },
    input: nothing,
    status: 204,
    handle: async () => {},
  }),
]
