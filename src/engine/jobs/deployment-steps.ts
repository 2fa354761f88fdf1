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
  'clock' | 'tenants' | 'webhooks' | 'secrets' | 'deadLetters' | 'eventLog' | 'monitor'
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

/**
 * The tenant goes first, so that nothing new comes in; its log before that, so that no later tenant's is meant. Dead letters that name it
 * go behind it: those that come later are kept without what stands in them.
 */
async function purgeSome(
  request: PurgeRequest,
  { clock, tenants, webhooks, deadLetters, eventLog, monitor }: StepPorts,
): Promise<Stepped> {
  const { tenantId, tenantCreatedAt, isClosed, purged } = request
  if (!isClosed) {
    let { webhookIds } = request
    const tenant = await tenants.find(tenantId)
    if (tenant?.createdAt === tenantCreatedAt) {
      await eventLog(tenantId).purge()
      // Those made since it was asked, too.
      const present = await webhooks.listIds({ tenantId })
      webhookIds = [...new Set([...webhookIds, ...present])]
      await tenants.delete(tenantId, clock())
    }
    if ((await tenants.find(tenantId)) === null) {
      const names = await tenants.namesOf(tenantId)
      await deadLetters.erase(({ body, sentAt }) =>
        isNamedIn(body, tenantId, namesAt(names, sentAt)),
      )
    }
    const total = webhookIds.length
    const state = total === 0 ? 'done' : 'running'
    return {
      request: { ...request, webhookIds, isClosed: true },
      progress: { state, done: 0, total, error: null },
    }
  }
  const { webhookIds } = request
  const total = webhookIds.length
  const step = webhookIds.slice(purged, purged + PURGED_AT_ONCE)
  await Promise.all(step.map((id) => monitor(id).purge()))
  const done = purged + step.length
  const state = done === total ? 'done' : 'running'
  return { request: { ...request, purged: done }, progress: { state, done, total, error: null } }
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
