// The end of the story in numbers, and whether they are right: what receivers got is compared with what was published,
// event by event, and with what Hookline's own log says.

import { isSuccess } from './receiver.ts'
import type { Stage } from './stage.ts'
import type { Ending } from './story.ts'

export interface Summary {
  readonly counts: Readonly<Record<string, string>>
  /** What is wrong; empty when nothing is. */
  readonly flaws: readonly string[]
}

/** Compares everything with everything; waits until the log has caught up. */
export async function summarize(
  stage: Stage,
  { retried, diverted, resent }: Ending,
): Promise<Summary> {
  const flaws: string[] = []
  const tallies = stage.channels.map((channel) => ({ channel, ...stage.tally(channel) }))
  const sum = (count: (tally: (typeof tallies)[number]) => number) =>
    tallies.reduce((total, tally) => total + count(tally), 0)

  for (const { channel, due, missing, wrong } of tallies) {
    const { receiver } = channel.plan
    for (const { id, type } of missing) flaws.push(`${receiver} did not receive ${type} ${id}`)
    for (const { eventId, proof } of wrong) {
      const why = proof.isGenuine ? 'it differs from what was published' : proof.by
      flaws.push(`${receiver} received ${eventId} but could not verify it (${why})`)
    }
    const stray = channel.receiver.receipts.filter(
      ({ eventId }) => !due.some(({ id }) => id === eventId),
    )
    for (const { eventId } of stray)
      flaws.push(`${receiver} received ${eventId}, which was not meant for it`)
  }
  if (diverted !== resent) flaws.push(`${diverted} events were diverted, but ${resent} were resent`)
  flaws.push(...(await compareWithLog(stage)))

  const own = stage.published.filter(({ type }) => type.startsWith('webhook.')).length
  const lost = sum(({ missing }) => missing.length)
  const receivers = `${tallies.length} receivers`
  return {
    counts: {
      published: `${stage.published.length - own} events, and ${own} published by Hookline itself`,
      delivered: `${sum(({ due, missing }) => due.length - missing.length)} of ${sum(({ due }) => due.length)} deliveries to ${receivers}`,
      failed: `${sum(({ refused }) => refused)} attempts`,
      retried: `${retried}`,
      diverted: `${diverted}`,
      resent: `${resent}`,
      duplicates: `${sum(({ duplicates }) => duplicates)}`,
      lost: `${lost}`,
    },
    flaws,
  }
}

/** What the log says of every event must be what the receivers saw. */
async function compareWithLog(stage: Stage): Promise<readonly string[]> {
  let flaws: readonly string[] = []
  const look = async () => {
    flaws = [...(await compareEvents(stage)), ...compareAttempts(stage)]
    return flaws.length === 0
  }
  await stage.until('the log agrees with the receivers', look).catch((error) => {
    if (flaws.length === 0) throw error
  })
  return flaws
}

async function compareEvents(stage: Stage): Promise<readonly string[]> {
  const flaws = await Promise.all(
    stage.published.map(async ({ id }) => {
      const { deliveries } = await stage.client.v1<{
        deliveries: { webhookId: string; status: string }[]
      }>('GET', `/events/${id}`)
      const delivered = deliveries.filter(({ status }) => status === 'delivered').length
      const due = stage.channels.filter((channel) =>
        stage.tally(channel).due.some((event) => event.id === id),
      ).length
      return delivered === due ? [] : [`the log shows ${delivered} of ${due} deliveries of ${id}`]
    }),
  )
  return flaws.flat()
}

function compareAttempts(stage: Stage): readonly string[] {
  return stage.channels.flatMap(({ plan, receiver, health }) => {
    const taken = receiver.receipts.filter(isSuccess).length
    const refused = receiver.receipts.length - taken
    const { delivered, failed } = health.totals
    if (delivered === taken && failed === refused) return []
    return [
      `${plan.receiver} accepted ${taken} requests and rejected ${refused}; the log shows ${delivered} and ${failed}`,
    ]
  })
}
