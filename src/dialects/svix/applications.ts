// Applications: the tenants of the deployment, for an operator key.

import { z } from 'zod'
import { OPERATIONS_TENANT, type Tenant } from '../../engine/model/index.ts'
import { EngineError, invalid } from '../../errors.ts'
import { actForTenant, checkPermissions } from '../../http/auth.ts'
import { nothing, query, vendorJson } from '../../http/input.ts'
import { InOtherStatus, operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { fromSvixId, toSvixId } from './ids.ts'
import { whole } from './input.ts'
import { OrderedQuery, pageOf, readIterator, toPage } from './pages.ts'
import {
  ApplicationIn,
  ApplicationOut,
  ApplicationPatch,
  isUid,
  toApplicationOut,
  toChange,
  toNewTenant,
  toReplaced,
} from './schema/application.ts'
import { Flag, Unwanted } from './schema/fields.ts'

const reading = { operator: ['tenants:read'] } as const
const writing = { operator: ['tenants:write'] } as const

const ListQuery = OrderedQuery.extend({
  exclude_apps_with_no_endpoints: Unwanted,
  exclude_apps_with_disabled_endpoints: Unwanted,
  exclude_apps_with_svix_play_endpoints: Unwanted,
})

const CreateQuery = z.object({
  get_if_exists: Flag.default(false).meta({
    description: 'Whether an application that has the `uid` already is returned.',
  }),
})

/** The tenant that is called so, for a caller that may act for it; null when there is none. */
async function findTenant(c: SurfaceContext, name: string): Promise<Tenant | null> {
  try {
    return await c.env.engine.administration.getTenant(await actForTenant(name, c))
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null
    throw error
  }
}

/**
 * The id of the tenant that a path names, for a caller that may act for it. Where there is none, it is made as `application` says, if
 * that is given and the key may.
 */
export async function actForApplication(
  c: SurfaceContext,
  name: string,
  application: ApplicationIn | null | undefined,
): Promise<string> {
  try {
    return await actForTenant(name, c)
  } catch (error) {
    const isMissing = error instanceof EngineError && error.code === 'not_found'
    if (!isMissing || !application) throw error
    checkPermissions(c, ['tenants:write'])
    if (application.uid && application.uid !== name) {
      throw invalid(['application', 'uid'], 'Expected the application that the path names.')
    }
    await getOrCreate(c, { ...application, uid: application.uid ?? name })
    return actForTenant(name, c)
  }
}

/** The tenant that has the uid of an application, made if there is none. */
async function getOrCreate(
  c: SurfaceContext,
  input: ApplicationIn,
): Promise<{ readonly tenant: Tenant; readonly isNew: boolean }> {
  const draft = toNewTenant(input)
  const found = draft.uid === null ? null : await findTenant(c, draft.uid)
  if (found !== null) return { tenant: found, isNew: false }
  try {
    return { tenant: await c.env.engine.administration.createTenant(draft), isNew: true }
  } catch (error) {
    // Another call may have made it meanwhile.
    const isTaken = error instanceof EngineError && error.code === 'conflict'
    const made = isTaken && draft.uid !== null ? await findTenant(c, draft.uid) : null
    if (made === null) throw error
    return { tenant: made, isNew: false }
  }
}

export const applicationOperations = [
  operation({
    id: 'listApplications',
    method: 'get',
    path: '/app',
    summary: 'List applications',
    access: reading,
    input: query(ListQuery),
    status: 200,
    output: pageOf(ApplicationOut).meta({ id: 'SvixListApplicationOut' }),
    handle: async ({ c, input: { limit, iterator, order } }) => {
      const { from, isBackwards } = readIterator(iterator)
      const isAscending = (order === 'ascending') !== isBackwards
      const found = await c.env.engine.administration.listTenants({
        limit: limit + 1,
        after: from === null ? null : (fromSvixId('app', from) ?? from),
        order: isAscending ? 'ascending' : 'descending',
      })
      const items = found.slice(0, limit)
      const ordered = isBackwards ? items.toReversed() : items
      const page = toPage(
        ordered,
        found.length <= limit,
        (one) => toSvixId('app', one.id),
        iterator,
      )
      const isShown = ({ id }: Tenant) => id !== OPERATIONS_TENANT.id
      return { ...page, data: page.data.filter(isShown).map(toApplicationOut) }
    },
  }),
  repeatable(
    operation({
      id: 'createApplication',
      method: 'post',
      path: '/app',
      summary: 'Create an application',
      access: writing,
      audit: ['tenant.created'],
      input: whole(CreateQuery, ApplicationIn),
      status: 201,
      otherStatus: 200,
      output: ApplicationOut,
      errors: ['conflict'],
      handle: async ({ c, input: { asked, body } }) => {
        if (!asked.get_if_exists) {
          const draft = toNewTenant(body)
          return toApplicationOut(await c.env.engine.administration.createTenant(draft))
        }
        const { tenant, isNew } = await getOrCreate(c, body)
        const shown = toApplicationOut(tenant)
        return isNew ? shown : new InOtherStatus(shown)
      },
    }),
  ),
  operation({
    id: 'getApplication',
    method: 'get',
    path: '/app/{app_id}',
    summary: 'Get an application',
    access: reading,
    input: nothing,
    status: 200,
    output: ApplicationOut,
    handle: async ({ c, id }) =>
      toApplicationOut(await c.env.engine.administration.getTenant(id('app_id'))),
  }),
  operation({
    id: 'upsertApplication',
    method: 'put',
    path: '/app/{app_id}',
    summary: 'Create or replace an application',
    description:
      'Where there is none, one is created, whose `uid` is that of the path unless the body has one.',
    access: writing,
    looksUpTenant: false,
    audit: ['tenant.created', 'tenant.updated'],
    input: vendorJson(ApplicationIn),
    status: 200,
    otherStatus: 201,
    output: ApplicationOut,
    errors: ['conflict'],
    handle: async ({ c, id, input }) => {
      const { administration } = c.env.engine
      const name = id('app_id')
      const found = await findTenant(c, name)
      if (found !== null) {
        return toApplicationOut(await administration.updateTenant(found.id, toReplaced(input)))
      }
      const draft = toNewTenant(input)
      const uid = draft.uid ?? (isUid(name) ? name : null)
      return new InOtherStatus(
        toApplicationOut(await administration.createTenant({ ...draft, uid })),
      )
    },
  }),
  operation({
    id: 'patchApplication',
    method: 'patch',
    path: '/app/{app_id}',
    summary: 'Change an application',
    access: writing,
    audit: ['tenant.updated'],
    input: vendorJson(ApplicationPatch),
    status: 200,
    output: ApplicationOut,
    errors: ['conflict'],
    handle: async ({ c, id, input }) =>
      toApplicationOut(
        await c.env.engine.administration.updateTenant(id('app_id'), toChange(input)),
      ),
  }),
  operation({
    id: 'deleteApplication',
    method: 'delete',
    path: '/app/{app_id}',
    summary: 'Delete an application',
    description: 'Starts a job that deletes everything stored for it.',
    access: writing,
    audit: ['tenant.deleted'],
    input: nothing,
    status: 204,
    handle: async ({ c, id }) => {
      await c.env.engine.administration.deleteTenant(id('app_id'))
    },
  }),
]
