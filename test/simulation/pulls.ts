// What docs/pulling.md promises: consumers that read the events of a webhook themselves get each of them once, in whatever order they read,
// whatever goes wrong meanwhile.

import type { Webhooks } from '../../src/engine/api.ts'
import {
  isCancelled,
  isExpunged,
  isSystemEventType,
  PULL_URL,
} from '../../src/engine/model/index.ts'
import type { EventLog, WebhookRef } from '../../src/engine/ports/index.ts'
import { EngineError } from '../../src/errors.ts'
import { InjectedFault } from '../fakes/world.ts'

interface Consumer {
  cursor: string | undefined
  readonly seen: string[]
}

/** A webhook for everything to which nothing is sent, and who reads it. */
export class Pulls {
  private readonly ref: WebhookRef
  private readonly consumers: readonly Consumer[] = Array.from({ length: 3 }, () => {
    return { cursor: undefined, seen: [] }
  })

  private constructor(ref: WebhookRef) {
    this.ref = ref
  }

  static async begin(tenantId: string, webhooks: Webhooks): Promise<Pulls> {
    const { id } = await webhooks.create(tenantId, {
      ...{ dialect: 'native', owner: null, uniqueKey: null, name: null, url: PULL_URL, pull: true },
      ...{ eventTypes: ['*'], scope: {}, enabled: true, failureHandling: null, attributes: {} },
      secrets: { signing: [], headers: [], attributes: {} },
    })
    return new Pulls({ tenantId, id })
  }

  /** One of them reads a page; where the call is refused it stands where it stood. */
  async read(at: number, limit: number, webhooks: Webhooks): Promise<boolean> {
    const consumer = this.consumers[at]
    if (consumer === undefined) return false
    try {
      const { cursor } = consumer
      const page = await webhooks.pull(this.ref, { cursor, limit, waitMs: 0 })
      consumer.seen.push(...page.items.map(({ event }) => event.id))
      consumer.cursor = page.cursor
      return page.more
    } catch (error) {
      const isRefused = error instanceof EngineError && error.code === 'unavailable'
      if (!isRefused && !(error instanceof InjectedFault)) throw error
      return false
    }
  }

  /** Every promise that was broken, as sentences, once all have read to the end. */
  async broken(
    accepted: readonly { readonly id: string }[],
    webhooks: Webhooks,
    log: EventLog,
  ): Promise<readonly string[]> {
    for (const at of this.consumers.keys()) while (await this.read(at, 3, webhooks));
    const { items } = await log.list({ limit: 1_000 })
    const expected = new Set(
      items
        .filter(({ pullWebhookIds = [] }) => pullWebhookIds.includes(this.ref.id))
        .map(({ id }) => id),
    )
    const isForNobody = (id: string) => {
      const event = items.find((one) => one.id === id)
      return event === undefined || isExpunged(event) || isCancelled(event)
    }
    return [
      ...accepted
        .filter(({ id }) => !expected.has(id) && !isForNobody(id))
        .map(({ id }) => `${id} was accepted and cannot be pulled`),
      ...items
        .filter(({ id, type }) => expected.has(id) && isSystemEventType(type))
        .map(({ id, type }) => `${id} can be pulled and is a ${type}`),
      ...this.consumers.flatMap(({ seen }, at) => [
        ...[...expected]
          .filter((id) => !seen.includes(id))
          .map((id) => `consumer ${at} has never read ${id}`),
        ...seen
          .filter((id, index) => seen.indexOf(id) < index)
          .map((id) => `consumer ${at} has read ${id} twice`),
        ...seen.filter((id) => !expected.has(id)).map((id) => `consumer ${at} has read ${id}`),
      ]),
    ]
  }

  isOf(webhookId: string): boolean {
    return webhookId === this.ref.id
  }
}
