// A delivery as its message brought it, and what becomes of the message. Several messages of one delivery may meet in
// one batch (the queue repeats, a resend was sent twice): one of them carries it, the others share its fate.

import { describeError } from '../../errors.ts'
import { timeOf } from '../../primitives/ids.ts'
import { INVOCATION } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { type Target, toTarget } from '../attempt/target.ts'
import { hasEnded, type Lane, type WebhookWithTenant } from '../model/index.ts'
import type { DeliverMessage, Ports } from '../ports/index.ts'
import { type Asked, askMonitors } from './ask-monitors.ts'
import { isOld } from './backoff.ts'
import { type DeliveryTask, type FollowUp, mayBeErased, scopeInDoubt } from './delivery-task.ts'
import { givesWay, type KnownState } from './next-action.ts'

export interface InboundDelivery {
  readonly inbound: InboundMessage
  readonly message: DeliverMessage
}

/** A message that carries a delivery, with the other messages of the same one. */
export interface DeliveryGroup extends InboundDelivery {
  readonly duplicates: readonly InboundDelivery[]
}

/** A delivery to decide about that has a message of its own. */
export interface QueuedTask extends DeliveryTask {
  readonly group: DeliveryGroup
}

/**
 * One group for each delivery. Its message is the last that somebody asked for, else one that gives way to no other. It takes
 * the role of one that does not give way, so that it gives way only if all of them do.
 */
export function groupByDelivery(deliveries: readonly InboundDelivery[]): readonly DeliveryGroup[] {
  const byDelivery = Map.groupBy(
    deliveries,
    ({ message: { webhookId, event, run } }) => `${webhookId}/${event.id}/${run}`,
  )
  return [...byDelivery.values()].flatMap((group) => {
    const [leader, ...duplicates] = group.toSorted(byImportance)
    if (leader === undefined) return []
    const firm = group.find((one) => !isGivingWay(one))
    const { role } = (firm ?? leader).message
    return [{ ...leader, message: { ...leader.message, role }, duplicates }]
  })
}

/** Carriers are ids, which ascend. */
function byImportance(a: InboundDelivery, b: InboundDelivery): number {
  const [first = '', second = ''] = [a.message.carrier, b.message.carrier]
  if (first !== second) return first < second ? 1 : -1
  return Number(isGivingWay(a)) - Number(isGivingWay(b))
}

function isGivingWay({ inbound, message: { role } }: InboundDelivery): boolean {
  return givesWay({ role, arrivals: inbound.attempts })
}

/** `lane`: that of the queue by which it came. */
export function toQueuedTask(group: DeliveryGroup, target: Target | null, lane: Lane): QueuedTask {
  const { inbound, message } = group
  const { event, run, attempts, role, carrier = null, onlyMissing = false } = message
  const isChosen = message.isChosen === true
  const isUnmatched = message.ifConcerned === true
  const mayHaveBegun = [group, ...group.duplicates].some(
    ({ inbound, message: { attempts } }) => inbound.attempts > 1 || attempts > 0,
  )
  return {
    mayBeErased: mayBeErased(event, target),
    ...{ event, target, run, attempts, role, carrier, onlyMissing, isUnmatched, group },
    ...{ isChosen, arrivals: inbound.attempts, isQueued: true, lane, mayHaveBegun },
  }
}

/** The deliveries with their webhooks as they are now, and how they stand; null when the webhooks cannot be read. */
export async function loadDeliveries(
  groups: readonly DeliveryGroup[],
  lane: Lane,
  ports: Ports,
): Promise<ReadonlyMap<QueuedTask, KnownState> | null> {
  const [tasks, states] = await Promise.all([
    loadTasks(groups, lane, ports),
    askAbout(groups, ports),
  ])
  if (tasks === null) return null
  const doubtful = tasks.filter((task) => task.mayBeErased && mayGoOn(states.get(task.group)))
  const known = new Map([...states, ...(await askAgain(doubtful, ports))])
  return new Map(tasks.map((task) => [task, known.get(task.group) ?? 'unknown']))
}

/** Whether it may be sent, unless its event was erased: nobody was asked, or told that it has ended. */
function mayGoOn(state: KnownState | undefined): boolean {
  return state === undefined || (typeof state !== 'string' && !hasEnded(state.status))
}

/** How those stand of which somebody has to say that their events were not erased. */
function askAgain(tasks: readonly QueuedTask[], ports: Ports): ReturnType<typeof ask> {
  const scopes = new Map(tasks.map((task) => [task.group, scopeInDoubt(task)]))
  return ask([...scopes.keys()], ports, (group) => scopes.get(group))
}

/** The deliveries with their webhooks as they are now; null, and a line in the log, when these cannot be read. */
async function loadTasks(
  groups: readonly DeliveryGroup[],
  lane: Lane,
  ports: Ports,
): Promise<readonly QueuedTask[] | null> {
  const { webhooks, log } = ports
  let found: readonly WebhookWithTenant[]
  try {
    found = await webhooks.findByRef(
      groups.map(({ message: { tenantId, webhookId: id } }) => ({ tenantId, id })),
    )
  } catch (error) {
    log({ event: 'webhooks.unreadable', error: describeError(error) })
    return null
  }
  const targets = new Map(found.map((webhook) => [webhook.id, toTarget(webhook, ports)]))
  return groups.map((group) =>
    toQueuedTask(group, targets.get(group.message.webhookId) ?? null, lane),
  )
}

/** How those deliveries stand of which more may be known than their messages say. */
function askAbout(groups: readonly DeliveryGroup[], ports: Ports) {
  return ask(
    groups.filter(
      ({ inbound, message, duplicates }) =>
        inbound.attempts > 1 ||
        message.role !== 'primary' ||
        // A retry: the event may have been sent again, and delivered, meanwhile.
        message.attempts > 0 ||
        duplicates.length > 0,
    ),
    ports,
  )
}

function ask(
  groups: readonly DeliveryGroup[],
  ports: Ports,
  scopeOf: (group: DeliveryGroup) => Asked['scope'] = () => undefined,
) {
  return askMonitors(
    groups,
    (group) => {
      const { message } = group
      const { tenantId, webhookId } = message
      return { tenantId, webhookId, ...toAsked(message, ports.clock()), scope: scopeOf(group) }
    },
    ports,
  )
}

/** What the monitor is asked about a message's delivery. */
export function toAsked(
  { event, run, onlyMissing, wasMatched, attempts, turn }: DeliverMessage,
  now: number,
): Asked {
  const isYoung = now - timeOf(event.id) < INVOCATION.firstAttemptSeconds * 1_000
  const hasFailed = attempts > 0
  const mayHaveFirst = wasMatched && isYoung
  return { eventId: event.id, run, onlyMissing, mayHaveFirst, hasFailed, turn }
}

/**
 * A message lives for days and comes a hundred times, a schedule may want more: before that, the delivery gets a new message,
 * with an age and a count of its own. So does one in the queue of the fast lane (`lane`) that goes on by the slow one. The verdict on the old one; if the new one cannot be sent, the old one still has time.
 */
export async function redeliver(
  { task, delaySeconds, attempts, role, lane: other }: FollowUp<QueuedTask>,
  lane: Lane,
  { clock, deliveries, log }: Pick<Ports, 'clock' | 'deliveries' | 'log'>,
): Promise<Verdict> {
  const { inbound, message } = task.group
  const present = other ?? task.target?.webhook.lane ?? lane
  const isElsewhere = lane === 'fast' && present === 'slow'
  if (!isElsewhere && !isOld(inbound, clock())) return { kind: 'retry', delaySeconds }
  try {
    const again = { message: { ...message, attempts, role }, delaySeconds }
    await deliveries.send([present === 'slow' ? { ...again, lane: present } : again])
    return { kind: 'ack' }
  } catch (error) {
    const messageId = inbound.id
    log({ event: 'delivery.unrenewed', messageId, error: describeError(error) })
    return { kind: 'retry', delaySeconds }
  }
}
