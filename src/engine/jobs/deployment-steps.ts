// What the whole deployment asks for and goes on in the background: a job's next step. In: what it was asked and how far it
// got; out: how far it is now. Whoever keeps the job writes that down, and asks for the next step until there is none.

import { VAULT } from '../../tuning.ts'
import { isNamedIn, namesAt } from '../messages/tells-of.ts'
import type {
  DeploymentRequest,
  JobProgress,
  PurgeRequest,
  ReencryptRequest,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

interface Stepped {
  readonly request: DeploymentRequest
  readonly progress: Omit<JobProgress, 'endedAt'>
}

export type StepPorts = Pick<
  Ports,
  | 'clock'
  | 'tenants'
  | 'webhooks'
  | 'secrets'
  | 'deadLetters'
  | 'idempotency'
  | 'eventLog'
  | 'monitor'
>

/** Webhooks whose monitors are purged at the same time; ours. */
const PURGED_AT_ONCE = 20

/** Unreadable webhooks that a job names; ours. */
const MOST_EXAMPLES = 10

/** A re-encryption that has not begun. */
export const FROM_THE_START: ReencryptRequest = {
  kind: 'reencrypt',
  after: null,
  unreadable: 0,
  examples: [],
}

/** Takes one step; can be repeated when it was not written down. Rejects when a component is down. */
export function takeStep(
  request: DeploymentRequest,
  progress: JobProgress,
  ports: StepPorts,
): Promise<Stepped> {
  return request.kind === 'purge'
    ? purgeSome(request, ports)
    : reencryptSome(request, progress, ports)
}

/** Whether whoever asked for a job waits for its next step: until then a tenant can be used, or is found in the database. */
export function isAwaited(request: DeploymentRequest): boolean {
  return request.kind === 'purge' && (!request.isClosed || request.deletedAt != null)
}

/**
 * The tenant's log goes first, so that nothing new comes in, and no later tenant's is meant; then the tenant. Each is written down before
 * the next: whoever dies between has them gone on with.
 */
async function purgeSome(request: PurgeRequest, ports: StepPorts): Promise<Stepped> {
  if (!request.isClosed) return request.isEmptied ? close(request, ports) : empty(request, ports)
  if (request.deletedAt != null) return forget(request, request.deletedAt, ports)
  return purgeMonitors(request, ports)
}

function toStepped(request: PurgeRequest): Stepped {
  const { webhookIds, purged, isClosed, deletedAt } = request
  const total = webhookIds.length
  const isDone = isClosed && deletedAt == null && purged === total
  const state = isDone ? 'done' : 'running'
  return { request, progress: { state, done: purged, total, error: null } }
}

async function empty(
  request: PurgeRequest,
  { tenants, webhooks, eventLog }: StepPorts,
): Promise<Stepped> {
  const { tenantId, tenantCreatedAt } = request
  const tenant = await tenants.find(tenantId)
  if (tenant?.createdAt !== tenantCreatedAt) return toStepped({ ...request, isEmptied: true })
  await eventLog(tenantId).purge()
  // Those made since it was asked, too.
  const present = await webhooks.listIds({ tenantId })
  const webhookIds = [...new Set([...request.webhookIds, ...present])]
  return toStepped({ ...request, webhookIds, isEmptied: true })
}

async function close(request: PurgeRequest, { clock, tenants }: StepPorts): Promise<Stepped> {
  const { tenantId, tenantCreatedAt } = request
  const tenant = await tenants.find(tenantId)
  const now = clock()
  const isOwn = tenant?.createdAt === tenantCreatedAt
  if (isOwn) await tenants.delete(tenantId, now)
  // A later one that has its id already was made after it was deleted.
  const deletedAt = tenant === null || isOwn ? now : tenant.createdAt - 1
  return toStepped({ ...request, isClosed: true, deletedAt })
}

/** Dead letters that come later are kept without what stands in them. */
async function forget(
  request: PurgeRequest,
  deletedAt: number,
  { tenants, deadLetters, idempotency }: StepPorts,
): Promise<Stepped> {
  const { tenantId } = request
  const names = await tenants.namesOf(tenantId)
  await deadLetters.erase(
    ({ body, sentAt }) => sentAt <= deletedAt && isNamedIn(body, tenantId, namesAt(names, sentAt)),
  )
  await idempotency.eraseContentOf(tenantId)
  return toStepped({ ...request, deletedAt: null })
}

async function purgeMonitors(request: PurgeRequest, { monitor }: StepPorts): Promise<Stepped> {
  const { webhookIds, purged } = request
  const step = webhookIds.slice(purged, purged + PURGED_AT_ONCE)
  await Promise.all(step.map((id) => monitor(id).purge()))
  return toStepped({ ...request, purged: purged + step.length })
}

async function reencryptSome(
  request: ReencryptRequest,
  before: JobProgress,
  { secrets }: StepPorts,
): Promise<Stepped> {
  const step = await secrets.reseal({ limit: VAULT.resealedAtOnce, after: request.after })
  const unreadable = request.unreadable + step.unreadable.length
  const named = [...request.examples, ...step.unreadable.map(({ id }) => id)]
  const next: ReencryptRequest = {
    kind: 'reencrypt',
    after: step.next,
    unreadable,
    examples: named.slice(0, MOST_EXAMPLES),
  }
  const done = before.done + step.resealed
  const total = before.total ?? done + step.remaining
  const progress = { done, total: Math.max(total, done), error: null }
  if (step.next !== null) return { request: next, progress: { ...progress, state: 'running' } }
  // Sealed under an older key meanwhile, by a copy of the Worker that knows no newer one: all are looked at once more.
  if (step.remaining > unreadable) {
    return { request: FROM_THE_START, progress: { ...progress, state: 'running' } }
  }
  if (unreadable === 0) return { request: next, progress: { ...progress, state: 'done' } }
  return { request: next, progress: { ...progress, state: 'failed', error: toSentence(next) } }
}

function toSentence({ unreadable, examples }: ReencryptRequest): string {
  const others = unreadable > examples.length ? ' and others' : ''
  const whose = unreadable === 1 ? 'one webhook' : `${unreadable} webhooks`
  return `No key in SECRETS_KEY decrypts the secrets of ${whose}: ${examples.join(', ')}${others}.`
}
