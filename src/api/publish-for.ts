// For whom a request publishes: the caller's tenant, the one in its path, or those that an operator key names in each event.

import type { AcceptedEvent } from '../engine/index.ts'
import type { AddressedDraft, Principal } from '../engine/model/index.ts'
import { EngineError, type Issue } from '../errors.ts'
import { checkPermissions } from '../http/auth.ts'
import { withTrace } from '../http/request-trace.ts'
import { seen } from '../http/seen.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { TENANT } from '../limits.ts'
import { invalidInput } from '../primitives/validate.ts'
import type { PublishRequest } from './publish.ts'

const NOT_HERE = 'Allowed only in POST /v1/events, with an operator key.'
const REQUIRED =
  'With an operator key, each event names its tenant. CloudEvents are published at /v1/tenants/{tenant}/events.'

/** Publishes what was read, all or none. Throws what `Events.publish` does, and `invalid` for a tenant that there is not. */
export async function publishFor(
  c: SurfaceContext,
  { drafts: read, idempotency }: PublishRequest,
): Promise<readonly AcceptedEvent[]> {
  const drafts = withTrace(read, c)
  // Not set for an operator key whose path names no tenant.
  const principal: Principal | undefined = c.get('principal')
  if (principal === undefined) {
    const ids = await tenantsOf({ drafts, idempotency }, c)
    const addressed = drafts.map((draft, index) => ({ tenantId: ids[index] ?? '', draft }))
    return c.env.engine.publishToTenants(addressed, { idempotency }).catch((error) => {
      throw restingIfGone(error, drafts)
    })
  }
  refuse(drafts, 'tenant', NOT_HERE, ({ tenant }) => tenant !== undefined)
  refuse(drafts, 'createTenant', NOT_HERE, ({ createTenant }) => createTenant !== undefined)
  return seen(c).events.publish(principal.tenantId, drafts, { idempotency })
}

/** The id of each event's tenant, in order. Tenants are made once nothing else is wrong with the request. */
async function tenantsOf(
  { drafts, idempotency }: PublishRequest,
  c: SurfaceContext,
): Promise<readonly string[]> {
  refuse(drafts, 'tenant', REQUIRED, ({ tenant }) => tenant === undefined)
  const { administration } = c.env.engine
  const creating = drafts.filter(({ createTenant }) => createTenant)
  const mayBeMade = new Set(creating.map(nameOf))
  const present = await administration.findTenantIds(drafts.map(nameOf))
  const isUnknown = (draft: AddressedDraft) => !present.has(nameOf(draft))
  refuse(drafts, 'tenant', 'No such tenant.', (draft) => {
    return isUnknown(draft) && !mayBeMade.has(nameOf(draft))
  })
  if (!drafts.some(isUnknown)) return drafts.map((draft) => present.get(nameOf(draft)) ?? '')
  checkPermissions(c, ['tenants:write'])
  const toBeMade = mayBeMade.difference(new Set(present.keys()))
  const events = drafts.map((draft) => {
    const name = nameOf(draft)
    return { tenantId: present.get(name) ?? name, draft }
  })
  await c.env.engine.checkPublish(events, { idempotency, toBeMade })
  const { ids: made, resting } = await administration.createMissingTenants([...mayBeMade])
  const ids = drafts.map((draft) => present.get(nameOf(draft)) ?? made.get(nameOf(draft)) ?? null)
  // What was made and is gone again rests, too.
  const places = drafts.flatMap((draft, index) => {
    const isTold = resting.length === 0 || resting.includes(nameOf(draft))
    return isTold && ids[index] === null ? [placeOf(drafts, index, 'tenant')] : []
  })
  if (places.length > 0) throw stillResting(places)
  return ids.map((id) => id ?? '')
}

const nameOf = ({ tenant }: AddressedDraft): string => tenant ?? ''

/** Throws `invalid` where something is wrong with a field of some events, naming each. */
function refuse(
  drafts: readonly AddressedDraft[],
  field: string,
  message: string,
  isWrong: (draft: AddressedDraft) => boolean,
): void {
  const issues = drafts.flatMap((draft, index) =>
    isWrong(draft) ? [{ path: placeOf(drafts, index, field), message }] : [],
  )
  if (issues.length > 0) throw invalidInput(issues)
}

/** Where a field of an event stands in the request; of a single event, without an index. */
function placeOf(drafts: readonly unknown[], index: number, field: string): Issue['path'] {
  return drafts.length === 1 ? [field] : [index, field]
}

/** A tenant that is gone though its name was known a moment ago: where it was to be made if missing, its name rests. */
function restingIfGone(error: unknown, drafts: readonly AddressedDraft[]): unknown {
  const gone = drafts.flatMap((draft, index) => {
    const place = placeOf(drafts, index, 'tenant')
    const isGone =
      error instanceof EngineError && error.issues.some(({ path }) => isSamePath(path, place))
    return isGone ? [{ draft, place }] : []
  })
  const isToBeMade = gone.length > 0 && gone.every(({ draft }) => draft.createTenant)
  return isToBeMade ? stillResting(gone.map(({ place }) => place)) : error
}

const isSamePath = (one: Issue['path'], other: Issue['path']): boolean =>
  one.length === other.length && one.every((step, index) => step === other[index])

function stillResting(paths: readonly Issue['path'][]): EngineError {
  const seconds = TENANT.uidRestMs / 1_000
  const message = `Another tenant had this uid until a moment ago. Try again in ${seconds} seconds.`
  const issues = paths.map((path) => ({ path, message }))
  return new EngineError('conflict', message, { issues, retryAfterSeconds: seconds })
}
