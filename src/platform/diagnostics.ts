// Whether the components can be reached and used, and what waits in the queues: one cheap read of each, bounded in time.

import type { Backlog, ComponentState, Diagnostics, Log } from '../engine/ports/index.ts'
import { publicKeys, readSigningKeys } from '../engine/signing/index.ts'
import { describeError, EngineError } from '../errors.ts'
import { DIAGNOSTICS } from '../tuning.ts'
import { lookAtSealed, lookAtTables } from './d1/look.ts'
import { Deadline, EXPIRED } from './deadline.ts'
import type { Env } from './env.ts'
import { queuesOf } from './queues/choose-queue.ts'
import { createVault, type Vault } from './vault.ts'

/** The objects that are asked; no webhook or tenant has such an id. */
const PROBED = 'diagnostics'

type Bindings = Pick<
  Env,
  | 'DB'
  | 'SECRETS_KEY'
  | 'SIGNING_KEYS'
  | 'ACCEPTED'
  | 'EVENTS'
  | 'DELIVERIES'
  | 'SLOW'
  | 'DEAD_ACCEPTED'
  | 'DEAD_EVENTS'
  | 'DEAD_DELIVERIES'
  | 'MONITORS'
  | 'EVENT_LOGS'
  | 'DEPLOYMENT_JOBS'
>

/** What a component that can be used tells of itself. */
type Found = Partial<Pick<ComponentState, 'backlog' | 'reason'>>
type Look = () => Promise<Found>

/** A component that fails is logged; who asks is told a sentence of ours, and never the error. */
export function createDiagnostics(env: Bindings, log: Log): Diagnostics {
  const vault = createVault(env.SECRETS_KEY ?? '')
  type Looks = readonly (readonly [ComponentState['component'], Look])[]
  const queues: Looks = [
    ['acceptedQueue', () => backlogOf(queuesOf(env, 'ACCEPTED'))],
    ['eventsQueue', () => backlogOf(queuesOf(env, 'EVENTS'))],
    ['deliveriesQueue', () => backlogOf(queuesOf(env, 'DELIVERIES'))],
    ['slowQueue', () => backlogOf(queuesOf(env, 'SLOW'))],
    ['deadAcceptedQueue', () => backlogOf(queuesOf(env, 'DEAD_ACCEPTED'))],
    ['deadEventsQueue', () => backlogOf(queuesOf(env, 'DEAD_EVENTS'))],
    ['deadDeliveriesQueue', () => backlogOf(queuesOf(env, 'DEAD_DELIVERIES'))],
  ]
  const looks: Looks = [
    ['database', () => nothing(lookAtTables(env.DB))],
    ['secrets', () => lookAtSecrets(env.DB, vault)],
    ...queues,
    ['webhookMonitors', () => nothing(env.MONITORS.getByName(PROBED).ping())],
    ['eventLogs', () => nothing(env.EVENT_LOGS.getByName(PROBED).ping())],
    ['deploymentJobs', () => nothing(env.DEPLOYMENT_JOBS.getByName(PROBED).ping())],
    ['signingKeys', () => lookAtSigningKeys(env.SIGNING_KEYS ?? '')],
  ]
  const lookAt = (which: Looks) =>
    Promise.all(which.map(([component, look]) => probe(component, look, log)))
  return { look: () => lookAt(looks), lookAtQueues: () => lookAt(queues) }
}

async function probe(
  component: ComponentState['component'],
  look: Look,
  log: Log,
): Promise<ComponentState> {
  const startedAt = Date.now()
  const deadline = new Deadline(DIAGNOSTICS.timeoutMs)
  const found = await deadline.within(attempt(look))
  deadline.clear()
  const latencyMs = Date.now() - startedAt
  if (found !== EXPIRED && !('error' in found)) {
    return { component, reachable: true, reason: null, latencyMs, backlog: null, ...found }
  }
  const late = `No response within ${DIAGNOSTICS.timeoutMs} ms.`
  const error = found === EXPIRED ? late : describeError(found.error)
  log({ event: 'component.unreachable', component, latencyMs, error })
  const reason = found === EXPIRED ? late : reasonOf(found.error)
  return { component, reachable: false, reason, latencyMs, backlog: null }
}

async function attempt(look: Look): Promise<Found | { readonly error: unknown }> {
  try {
    return await look()
  } catch (error) {
    return { error }
  }
}

/** What a component failed with may tell more than is good to show; what the engine refuses does not. */
function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return error.message
  return 'The component responded with an error. The log line component.unreachable has the details.'
}

async function nothing(work: Promise<unknown>): Promise<Found> {
  await work
  return {}
}

/**
 * Whether SECRETS_KEY is one, and opens what is stored. Where it opens a part, other webhooks get their events: that is
 * told, and no failure.
 */
async function lookAtSecrets(d1: D1Database, vault: Vault): Promise<Found> {
  const prefixes = await vault.prefixes()
  const sealed = await lookAtSealed(d1, prefixes[0]?.length ?? 0)
  const sum = (groups: typeof sealed) => groups.reduce((all, { webhooks }) => all + webhooks, 0)
  const all = sum(sealed)
  const closed = sum(sealed.filter(({ prefix }) => !prefixes.includes(prefix)))
  if (closed === 0) return {}
  if (closed < all) {
    const which = `${closed} of the ${all} webhooks checked have secrets`
    return {
      reason: `${which} that no key in SECRETS_KEY decrypts. The job started by POST /v1/secrets/reencrypt names up to ten of them.`,
    }
  }
  throw new EngineError(
    'unavailable',
    'SECRETS_KEY decrypts none of the stored secrets. Add the key that they were encrypted with.',
  )
}

/** Whether SIGNING_KEYS has keys. That it has none is told, and no failure: few webhooks need one. */
async function lookAtSigningKeys(text: string): Promise<Found> {
  const { keys, flaw } = readSigningKeys(text)
  if (flaw === null) {
    await publicKeys({ keys }).catch((cause: unknown) => {
      throw new EngineError('unavailable', 'SIGNING_KEYS has a key that cannot be used.', { cause })
    })
    return {}
  }
  if (text.trim() !== '') throw new EngineError('unavailable', flaw)
  return { reason: `${flaw} No webhook can have an HTTP signature.` }
}

/** Of all queues of a kind together. Queues tell their backlog through the producer's binding (workers-types, `Queue.metrics`). */
async function backlogOf(queues: readonly Queue[]): Promise<{ readonly backlog: Backlog }> {
  const all = await Promise.all(queues.map((queue) => queue.metrics()))
  // An empty queue has no oldest message; the local runtime says 1970 then.
  const oldest = all.flatMap(({ oldestMessageTimestamp: at }) => at?.getTime() || [])
  return {
    backlog: {
      messages: all.reduce((sum, { backlogCount }) => sum + backlogCount, 0),
      bytes: all.reduce((sum, { backlogBytes }) => sum + backlogBytes, 0),
      oldestAt: oldest.length === 0 ? null : Math.min(...oldest),
    },
  }
}
