// `hookline explain`: what became of an event at every webhook, and why, in words.

import type { Command } from 'commander'
import type { Api } from '../api.ts'
import { contextOf } from '../context.ts'
import { type Output, printable } from '../output.ts'
import { Attempt, type Delivery, ExplainedEvent, type Unmatched } from '../shapes.ts'

/** What is said of a delivery, by its status. */
const MEANINGS: Readonly<Record<string, string>> = {
  pending: 'It has not been tried yet.',
  failing: 'The last attempt failed, and another one follows.',
  held: 'It waits: the webhook is on hold or paused.',
  delivered: 'It was delivered.',
  diverted: 'It was given up, and is kept to be sent again.',
  dropped: 'It was given up, and is not kept.',
  unsendable: 'No request could be made of it.',
  filtered: 'The filter of the webhook leaves it out.',
  erased: 'Its content was erased before it was delivered.',
  pullable: 'It lies ready for whoever pulls from the webhook.',
}

/** Why an event was not for a webhook (docs/contracts/native.md, "Reading events"). */
const REASONS: Readonly<Record<string, string>> = {
  created_later: 'the webhook was made after the event',
  disabled: 'the webhook was disabled',
  event_type: 'its event types do not have this one',
  scope: 'the event does not have its scope',
  channel: 'the event has none of its channels',
  cancelled: 'the event was cancelled before its time',
  dialect: 'its format cannot express the event',
  version: 'the event has no data in its version',
  unknown: 'how the webhook was then is not known',
}

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say what became of an event at every webhook, and why')
    .argument('<event>')
    .action(async (id: string, _: object, command: Command) => {
      const { api, output } = contextOf(command)
      const path = `/events/${encodeURIComponent(id)}`
      const event = await api.get(ExplainedEvent, { path, query: { unmatched: 'true' } })
      const deliveries = await Promise.all(
        event.deliveries.map(async (delivery) => ({
          ...delivery,
          lastAttempt: await lastAttempt(delivery, id, api),
        })),
      )
      const others = event.unmatched?.items ?? []
      output.item({ ...event, deliveries }, () => [
        `${output.paint('bold', event.type)} ${event.id}, ${event.state} at ${event.time}`,
        ...deliveries.flatMap((delivery) => ['', ...explain(delivery, output)]),
        ...others.flatMap((one) => ['', ...excuse(one, output)]),
        ...(deliveries.length + others.length === 0 ? ['', 'There is no webhook.'] : []),
        ...(event.unmatched?.nextCursor
          ? ['', 'There are more webhooks that it was not for.']
          : []),
      ])
    })
}

interface Explained extends Delivery {
  readonly lastAttempt: Attempt | null
}

/** Null: there was none, or it is kept no more. */
async function lastAttempt(
  { webhookId, attempts }: Delivery,
  eventId: string,
  api: Api,
): Promise<Attempt | null> {
  if (attempts === 0) return null
  const call = { path: `/webhooks/${webhookId}/attempts`, query: { eventId } }
  const [last] = await Array.fromAsync(api.list(Attempt, call, 1))
  return last ?? null
}

function explain(delivery: Explained, output: Output): readonly string[] {
  const { webhookId, url, status, attempts, reason, nextAttemptAt, lastAttempt: last } = delivery
  const colour = status === 'delivered' || status === 'pullable' ? 'green' : 'red'
  const answer = last === null ? '' : `, answered ${last.statusCode ?? 'not at all'}`
  return [
    `${output.paint(colour, status)}  ${url ?? 'no URL'}  ${output.paint('dim', webhookId)}`,
    `  ${MEANINGS[status] ?? status} ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}${answer}.`,
    ...[reason, last?.diagnosis?.explanation, last?.diagnosis?.remedy].flatMap((text) =>
      text ? [`  ${printable(text)}`] : [],
    ),
    ...(nextAttemptAt === null ? [] : [`  The next attempt is due at ${nextAttemptAt}.`]),
  ]
}

function excuse({ webhookId, reasons, detail }: Unmatched, output: Output): readonly string[] {
  const why = reasons.map((reason) => REASONS[reason] ?? reason).join('; ')
  return [
    `${output.paint('yellow', 'not for')}  ${output.paint('dim', webhookId)}`,
    `  ${why}${detail === null ? '' : `: ${printable(detail)}`}.`,
  ]
}
