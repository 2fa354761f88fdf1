// What the chapters of the story have in hand: the service, its webhooks and receivers, the screen.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, type Published, readHealth, type Tally, tally } from './channel.ts'
import type { Client } from './client.ts'
import type { Receiver } from './receiver.ts'
import type { Screen } from './screen.ts'
import type { DemoEvent } from './surfaces/surface.ts'

/** Milliseconds between two requests that publish, so that eyes can follow. */
const PACE_MS = 150
/** Milliseconds between two looks at the service. */
const POLL_MS = 300
/** Milliseconds to wait for anything. */
const PATIENCE_MS = 40_000

interface Props extends Pick<Stage, 'client' | 'tenantId' | 'channels' | 'screen'> {
  readonly signal: AbortSignal
}

export class Stage {
  readonly client: Client
  readonly tenantId: string
  readonly channels: readonly Channel[]
  readonly screen: Screen
  private readonly signal: AbortSignal

  constructor({ client, tenantId, channels, screen, signal }: Props) {
    this.client = client
    this.tenantId = tenantId
    this.channels = channels
    this.screen = screen
    this.signal = signal
  }

  get published(): readonly Published[] {
    return this.screen.published
  }

  channel(name: string): Channel {
    const channel = this.channels.find(({ plan }) => plan.receiver === name)
    if (channel === undefined) throw new Error(`Unknown receiver ${name}.`)
    return channel
  }

  receiver(name: string): Receiver {
    return this.channel(name).receiver
  }

  tally(channel: Channel): Tally {
    return tally(channel, this.published)
  }

  /** Publishes events with one request; their `data` travels as it is written here. */
  async publish(events: readonly DemoEvent[]): Promise<void> {
    const texts = events.map(
      ({ type, data, scope = {} }) =>
        `{"type":"${type}","data":${data},"scope":${JSON.stringify(scope)}}`,
    )
    const body = texts.length === 1 ? texts.join() : `[${texts.join(',')}]`
    const accepted = await this.client.v1<{ events: { id: string }[] }>('POST', '/events', body)
    for (const [index, { type, data, scope = {} }] of events.entries()) {
      const id = accepted.events[index]?.id
      if (id === undefined) throw new Error(`Event ${index} of ${events.length} was not accepted.`)
      this.screen.published.push({ id, type, data, scope })
    }
    await sleep(PACE_MS, undefined, { signal: this.signal })
  }

  /** Events that Hookline published by itself, added to those published. */
  async readOwnEvents(): Promise<void> {
    const known = new Set(this.published.map(({ id }) => id))
    const { items } = await this.client.v1<{
      items: { id: string; type: string; data: unknown; scope: Record<string, string> }[]
    }>('GET', '/events?limit=250')
    for (const { id, type, data, scope } of items) {
      if (known.has(id)) continue
      if (!type.startsWith('webhook.'))
        throw new Error(`Unexpected event ${id} of type ${type}: the demo did not publish it.`)
      this.screen.published.push({ id, type, data: JSON.stringify(data), scope })
    }
  }

  /** Waits until `isTrue`, looking at every webhook in between; throws with `what` when it takes too long. */
  async until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      await this.look()
      if (await isTrue()) return
      if (performance.now() > end)
        throw new Error(
          `Timed out after ${PATIENCE_MS / 1_000} seconds while waiting until ${what}.`,
        )
      await sleep(POLL_MS, undefined, { signal: this.signal })
    }
  }

  private async look(): Promise<void> {
    await Promise.all(
      this.channels.map(async (channel) => {
        channel.health = await readHealth(this.client, channel.webhookId)
      }),
    )
  }
}
