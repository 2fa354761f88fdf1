// The model: what docs/contracts/delivery.md promises about any history, on a page. Why each request may be made is in
// reasons.ts, when a webhook is suspended in suspensions.ts.

import { Webhook as Signer } from 'standardwebhooks'
import { listAttempts } from '../../src/engine/configuration/attempt-list.ts'
import { type Attempt, isExpunged, isSystemEventType } from '../../src/engine/model/index.ts'
import { MUTE_TYPE } from '../fakes/world.ts'
import { brokenBatches } from './batches.ts'
import { brokenNotices } from './failing-notices.ts'
import { overtaken } from './orders.ts'
import { brokenPauses, sentThoughCancelled, sentWhilePaused } from './pauses.ts'
import { aboveAllowed, aboveRates } from './rates.ts'
import { Reasons } from './reasons.ts'
import { brokenSchedules } from './scheduled.ts'
import { misshapen, shapesFor } from './shapes.ts'
import type { Story } from './story.ts'
import { Suspensions } from './suspensions.ts'
import type { Config, Fact, Known, Request } from './trace.ts'
import { waitingForAgreement } from './verifications.ts'

/** More jobs than a history has. */
const ALL = { limit: 1_000, before: null }

/** For how long a deduplication key is remembered (docs/contracts/native.md, "Deduplication"). */
const DAY_MS = 86_400_000

/** Every promise that a history broke, as sentences. */
export async function checkPromises(story: Story): Promise<string[]> {
  const { world, accepted, webhooks, tenantId, trace, marginMs, toErase } = story
  const erased = new Set(trace.flatMap((fact) => (fact.kind === 'erased' ? fact.eventIds : [])))
  const { events } = world.engine
  const reasons = new Reasons(accepted, marginMs)
  const suspensions = new Suspensions(reasons, marginMs)
  const requests = trace.flatMap((fact) => (fact.kind === 'request' ? [fact.request] : []))
  for (const fact of trace) {
    suspensions.next(fact)
    reasons.next(fact)
  }
  const broken = [...reasons.broken, ...suspensions.broken, ...story.lateness.broken]
  for (const request of requests) {
    if (!isSigned(request)) broken.push(`${request.sent.eventId} is not signed as it should be`)
  }

  // Where clocks differ by minutes nobody can tell what was published before.
  if (marginMs === 0) broken.push(...sentOnceErased(trace))
  broken.push(...sentWhilePaused(trace), ...waitingForAgreement(trace).broken)
  for (const fact of trace)
    if (fact.kind === 'misread')
      broken.push(`the owner of ${fact.webhook.config.url} was not told what its receiver said`)
  broken.push(...misshapen(requests, accepted, marginMs))
  broken.push(...brokenBatches(trace))
  if (marginMs === 0) broken.push(...aboveRates(trace))
  if (marginMs === 0) broken.push(...overtaken(trace, accepted, world).broken)
  const { eventLog } = world.truth
  broken.push(...(await brokenSchedules(story.scheduled, requests, eventLog, marginMs)))
  const isCalm = trace.every(({ kind }) => kind !== 'mishap')
  if (isCalm) broken.push(...brokenPauses(trace, marginMs), ...sentThoughCancelled(trace))
  if (isCalm && marginMs === 0) broken.push(...aboveAllowed(trace))
  for (const { id, wanted, allowed, first, key, at } of accepted) {
    const before = accepted.find((one) => one.key === key && one.at <= at && one.id !== id)
    // With what was erased its key was forgotten.
    const isKnown = before && !toErase.has(before.id)
    if (key !== null && isKnown && at - before.at < DAY_MS - marginMs)
      broken.push(`${id} was accepted although ${before.id} has its key`)
    const logged = await world.ports.eventLog(tenantId).find(id)
    if (logged === null) broken.push(`${id} was accepted and is not in the log`)
    if (erased.has(id) && marginMs === 0 && !(logged && isExpunged(logged)))
      broken.push(`${id} was erased, and still has its content`)
    const routed = webhooks.filter((known) => logged?.webhookIds.includes(known.id))
    for (const { config } of [...wanted].filter((known) => !routed.includes(known)))
      broken.push(`${id} was not routed to ${config.url}, which wanted it all along`)
    const isUnwanted = (known: Known) => !allowed.has(known) && !wasSentAgain(trace, known, id)
    for (const { config } of routed.filter((known) => first && isUnwanted(known)))
      broken.push(`${id} was routed to ${config.url}, which never wanted it`)
    for (const { webhook, sent } of isCalm ? requests : [])
      if (sent.eventId === id && !routed.includes(webhook))
        broken.push(`${id} was sent to ${webhook.config.url}, and is not shown there`)
  }

  const pulled = story.pulls?.broken(accepted, world.engine.webhooks, eventLog)
  broken.push(...((await pulled) ?? []))

  const attempts = new Map<Known, readonly Attempt[]>()
  /** Whose receivers have not agreed, and never will. */
  const unverified = new Set<Known>()
  for (const known of webhooks) {
    const configured = await world.truth.webhooks.find({ tenantId, id: known.id })
    const { health } = await world.truth.monitor(known.id).health()
    if (configured && configured.suspendedAt !== health.suspendedAt)
      broken.push(`${known.config.url} is not suspended in the database as in its memory`)
    const { items } = await listAttempts({ tenantId, id: known.id }, { limit: 1_000 }, world.ports)
    attempts.set(known, items)
    if (known.isStubborn && configured?.verification?.verifiedAt === null) unverified.add(known)
  }
  const { items: published } = await events.list(tenantId, { limit: 250 })
  if (isCalm && marginMs === 0) broken.push(...brokenNotices(published, webhooks, requests))
  for (const { id, type } of published) {
    for (const { webhookId, status } of await events.deliveries(tenantId, id)) {
      if (story.pulls?.isOf(webhookId)) {
        if (status !== 'pullable' && status !== 'erased')
          broken.push(`${id} is ${status}, and is pulled`)
        continue
      }
      const known = webhooks.find((webhook) => webhook.id === webhookId)
      const say = (what: string) => broken.push(`${id} at ${known?.config.url}: ${what}`)
      if (!known) say(`it was routed to an unknown webhook ${webhookId}`)
      if (!known || known.deleted) continue
      if (isSystemEventType(type) && !known.hasNamed) say('it was sent to who never named it')
      const pair = reasons.of(known, id)
      const kept = await world.ports.monitor(webhookId).findDiverted(id)
      const made = requests.filter((one) => one.webhook === known && one.sent.eventId === id)
      const logged = attempts.get(known)?.filter(({ eventId }) => eventId === id) ?? []
      if (logged.length > made.length) say('the log shows more attempts than were made')
      if (logged.length < made.length && isCalm) say('the log does not show every attempt')
      // By the clock of whoever wrote them down, one of two shapes began before the other.
      const shapes = shapesFor(known, id, marginMs)
      const alone = made.filter(({ sent }) => sent.joint === undefined)
      if (shapes.length === 1 && new Set(alone.map(({ sent }) => sent.body)).size > 1)
        say('its body changed between attempts')

      // There is no sixth end, and the fifth is what somebody asked for.
      const isInDoubt = marginMs > 0 && toErase.size > 0
      const isToErase = toErase.has(id) || isInDoubt
      if (status === 'erased' && !isToErase) say('it is erased, and nobody asked for that')
      if (erased.has(id) && marginMs === 0 && kept !== null) say('it was erased and is still kept')
      if (status === 'held' && unverified.has(known)) continue
      if (status === 'pending' || status === 'failing' || status === 'held')
        say(`it is still ${status}`)
      const isExpressed = !known.config.isMute || type !== MUTE_TYPE
      if (status === 'unsendable' && isExpressed)
        say('it is unsendable, and there are words for it')
      const isLeftOut = shapes.every((shape) => shape.leavesOut(type))
      const mayBeLeftOut = shapes.some((shape) => shape.leavesOut(type))
      if (status === 'filtered' && !mayBeLeftOut)
        say('it is left out, and the filter lets it through')
      if (isLeftOut && made.length > 0 && !wasSentAgain(trace, known, id))
        say('it was sent, and the filter leaves it out')
      if (status === 'delivered' && pair.received === 'no') say('it is delivered, never received')
      if (status !== 'delivered' && pair.received === 'surely') say(`received, it is ${status}`)
      if (status === 'diverted' && kept === null && !isToErase) say('it is diverted and not kept')
      if (status === 'diverted' && !pair.mayDivert) say('it was diverted, and no policy says so')
      if (status === 'dropped' && !pair.mayDrop && !isToErase)
        say('it was dropped, and no policy says so')
      // And none comes before the schedule is used up.
      for (const { attempt, due } of isExpressed && !mayBeLeftOut && !isToErase ? pair.open() : [])
        say(`attempt ${attempt}, due at ${due}, was never made, and it is ${status}`)
    }
  }
  for (const { kind, state, done, total } of await world.engine.jobs.list(tenantId, ALL)) {
    if (state === 'running') broken.push(`a ${kind} is still running`)
    if (total !== null && done > total) broken.push(`a ${kind} did ${done} of ${total}`)
  }
  for (const queue of ['events', 'deliveries'] as const) {
    if (world.queues[queue].length > 0) broken.push(`the queue ${queue} is not empty`)
  }
  return broken
}

/** What was sent of events whose erasure had ended. */
function sentOnceErased(trace: readonly Fact[]): readonly string[] {
  const over = new Map<string, number>()
  for (const fact of trace) {
    if (fact.kind !== 'erased') continue
    for (const id of fact.eventIds) over.set(id, Math.min(fact.at, over.get(id) ?? fact.at))
  }
  return trace.flatMap((fact) => {
    if (fact.kind !== 'request') return []
    const { eventId, url, at } = fact.request.sent
    const endedAt = over.get(eventId)
    const isLate = endedAt !== undefined && at > endedAt
    return isLate ? [`${eventId} was sent to ${url} at ${at}, and erased by ${endedAt}`] : []
  })
}

/** Whether a request bears the signatures of the secrets that its webhook has by then, newest first, or had when its event was accepted. */
function isSigned({ sent, config, acceptedConfig, skewMs }: Request): boolean {
  const configs = acceptedConfig === null ? [config] : [config, acceptedConfig]
  return configs.some((one) => bearsSignatures(sent, one, sent.at + skewMs))
}

function bearsSignatures(sent: Request['sent'], config: Config, clock: number): boolean {
  const given = sent.headers.find(([name]) => name === 'webhook-signature')?.[1]
  const expected = config.secrets
    .filter(({ until }) => until === null || until > clock)
    .map(({ secret }) =>
      new Signer(secret).sign(sent.joint?.id ?? sent.eventId, new Date(clock), sent.body),
    )
  return (given ?? '') === expected.join(' ')
}

/** Whether somebody had an event sent to a webhook again, whomever its publish was for. */
function wasSentAgain(trace: readonly Fact[], webhook: Known, eventId: string): boolean {
  return trace.some(
    (fact) =>
      fact.kind === 'asked' &&
      fact.how !== 'publish' &&
      fact.webhook === webhook &&
      fact.eventId === eventId,
  )
}
