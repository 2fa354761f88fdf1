// A webhook and its receiver, and the counts of what went through between them.

import type { Client } from './client.ts'
import { isSuccess, type Receipt, Receiver } from './receiver.ts'
import type { Plan, Surface } from './surfaces/surface.ts'

/** An event that Hookline accepted. */
export interface Published {
  readonly id: string
  readonly type: string
  readonly data: string
  readonly scope: Readonly<Record<string, string>>
}

export interface Channel {
  readonly surface: string
  readonly plan: Plan
  readonly receiver: Receiver
  readonly webhookId: string
  /** What Hookline says of the webhook. */
  health: Health
}

export interface Health {
  readonly status: string
  readonly totals: {
    readonly delivered: number
    readonly failed: number
    readonly diverted: number
  }
}

/** Opens a receiver for each webhook of the surfaces and registers it. */
export async function openChannels(
  surfaces: readonly Surface[],
  client: Client,
  tenantId: string,
  signal: AbortSignal,
): Promise<readonly Channel[]> {
  const channels: Channel[] = []
  for (const { title, plans } of surfaces) {
    for (const plan of plans) {
      const receiver = await Receiver.open(plan.receiver, signal)
      const { webhookId, prove } = await plan.register(client, receiver.url, tenantId)
      receiver.prove = prove
      const health = await readHealth(client, webhookId)
      channels.push({ surface: title, plan, receiver, webhookId, health })
    }
  }
  return channels
}

export function readHealth(client: Client, webhookId: string): Promise<Health> {
  return client.v1<Health>('GET', `/webhooks/${webhookId}/health`)
}

export interface Tally {
  /** Events that the webhook must get. */
  readonly due: readonly Published[]
  /** Of those, the ones that its receiver never took. */
  readonly missing: readonly Published[]
  /** Requests that it took though it had taken their event before. */
  readonly duplicates: number
  /** Requests that it did not take. */
  readonly refused: number
  /** Requests whose sender could not be verified, or whose data is not what was published. */
  readonly wrong: readonly Receipt[]
}

/** Compares what a receiver got with what was published, event by event. */
export function tally(
  { plan, receiver }: Pick<Channel, 'plan' | 'receiver'>,
  published: readonly Published[],
): Tally {
  const due = published.filter((event) => plan.wants(event))
  const dueById = new Map(due.map((event) => [event.id, event]))
  const carries = plan.carries ?? ((body, { data }) => body.includes(data))
  const taken = receiver.receipts.filter(isSuccess)
  const takenIds = new Set(taken.map(({ eventId }) => eventId))
  return {
    due,
    missing: due.filter(({ id }) => !takenIds.has(id)),
    duplicates: taken.length - takenIds.size,
    refused: receiver.receipts.length - taken.length,
    wrong: receiver.receipts.filter(({ eventId, proof, request }) => {
      const event = dueById.get(eventId)
      return !proof.isGenuine || (event !== undefined && !carries(request.body, event))
    }),
  }
}
