// The story, chapter by chapter: everything arrives; every surface in its own wire format; two receivers break; one
// recovers by itself, the other is suspended, repaired, resumed, and gets what it missed.

import { answerSheets, captures, claims, documents, invoices, surveys } from './events.ts'
import { isSuccess, type Receiver } from './receiver.ts'
import type { Stage } from './stage.ts'
import { compareRequests } from './wire-formats.ts'

export interface Ending {
  /** Requests about an event that a receiver had been asked to take before, resends left out. */
  readonly retried: number
  readonly diverted: number
  readonly resent: number
}

export async function tell(stage: Stage): Promise<Ending> {
  await everythingArrives(stage)
  await everySurfaceHasItsFormat(stage)
  await twoReceiversBreak(stage)
  const diverted = await suspendedIsDiverted(stage)
  const retried = stage.channels.reduce((sum, { receiver }) => sum + repetitions(receiver), 0)
  const resent = await resumedGetsTheRest(stage)
  return { retried, diverted, resent }
}

async function everythingArrives(stage: Stage): Promise<void> {
  stage.screen.start('Publishing events of every type, some of them for the archive only')
  for (const event of invoices(1, 4)) await stage.publish([event])
  await stage.publish([...invoices(5, 2), ...surveys(1, 6)])
  await stage.publish([
    ...captures(1, 5),
    ...answerSheets(1, 3),
    ...documents(1, 2),
    ...claims(1, 2),
  ])
  await stage.until('every event has arrived', () => missing(stage) === 0)
  stage.screen.done(
    `Published ${stage.published.length} events. Every one reached the receivers it was meant for.`,
  )
}

async function everySurfaceHasItsFormat(stage: Stage): Promise<void> {
  stage.screen.start('Publishing one event for each API, in one request')
  const before = stage.published.length
  const kinds = [invoices, surveys, captures, answerSheets, documents, claims]
  await stage.publish(kinds.flatMap((kind) => kind(30, 1)))
  await stage.until('every event has arrived', () => missing(stage) === 0)
  const lines = compareRequests(stage.channels, stage.published.slice(before))
  stage.screen.done(['The same events in the formats of six APIs:', ...lines].join('\n'))
}

async function twoReceiversBreak(stage: Stage): Promise<void> {
  stage.screen.start('Two receivers fail: billing with 500, intake with 503 and Retry-After: 3600')
  stage.receiver('billing').break(() => ({ status: 500 }))
  let refusals = 0
  stage.receiver('intake').break(() => {
    refusals += 1
    if (refusals > 2) return { status: 204 }
    return { status: 503, headers: { 'retry-after': '3600' } }
  })
  await stage.publish([...invoices(11, 6), ...surveys(11, 2)])
  await stage.publish([
    ...captures(11, 2),
    ...answerSheets(12, 1),
    ...documents(11, 2),
    ...claims(12, 1),
  ])
  await stage.until(
    'every receiver except billing has all its events',
    () => missing(stage, 'billing') === 0,
  )
  const suspended = 'billing is suspended'
  await stage.until(suspended, () => stage.channel('billing').health.status === 'suspended')
  const failed = stage.receiver('billing').receipts.filter((receipt) => !isSuccess(receipt)).length
  stage.screen.done(
    `intake recovered by itself. billing was suspended after ${failed} failed attempts.\nThe other receivers were not affected.`,
  )
}

async function suspendedIsDiverted(stage: Stage): Promise<number> {
  stage.screen.start('Publishing 4 more invoices while billing is suspended')
  const billing = stage.channel('billing')
  await stage.publish(invoices(21, 4))
  const path = `/webhooks/${billing.webhookId}/diverted?limit=250`
  let diverted: readonly { readonly eventId: string }[] = []
  await stage.until('every event that billing is missing is diverted', async () => {
    diverted = (await stage.client.v1<{ items: { eventId: string }[] }>('GET', path)).items
    const ids = new Set(diverted.map(({ eventId }) => eventId))
    return stage.tally(billing).missing.every(({ id }) => ids.has(id))
  })
  stage.screen.done(
    `Diverted ${diverted.length} events for billing: they are kept, listed and can be resent.\nThey include the events that were waiting for a retry.`,
  )
  return diverted.length
}

async function resumedGetsTheRest(stage: Stage): Promise<number> {
  stage.screen.start('billing is repaired: resuming its webhook and resending the diverted events')
  const billing = stage.channel('billing')
  billing.receiver.repair()
  stage.receiver('intake').repair()
  await stage.client.v1('POST', `/webhooks/${billing.webhookId}/resume`)
  const { queued } = await stage.client.v1<{ queued: number }>(
    'POST',
    `/webhooks/${billing.webhookId}/diverted/resend`,
    {},
  )
  await stage.until(
    'every event has arrived, including those published by Hookline itself',
    async () => {
      await stage.readOwnEvents()
      const types = new Set(stage.published.map(({ type }) => type))
      const isNews = types.has('webhook.suspended') && types.has('webhook.resumed')
      return isNews && missing(stage) === 0
    },
  )
  stage.screen.done(
    `Resent ${queued} events. Every event has now arrived.\noperations was notified of the suspension and of its end.`,
  )
  return queued
}

function repetitions({ receipts }: Receiver): number {
  return receipts.length - new Set(receipts.map(({ eventId }) => eventId)).size
}

/** Deliveries that are still to come, but for one receiver. */
function missing(stage: Stage, except?: string): number {
  return stage.channels
    .filter(({ plan }) => plan.receiver !== except)
    .reduce((sum, channel) => sum + stage.tally(channel).missing.length, 0)
}
