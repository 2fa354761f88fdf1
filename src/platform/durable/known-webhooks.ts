// The webhooks that event logs tell of: each version of one comes once to an isolate, sealed, and is kept as it was opened.

import type { Webhook } from '../../engine/model/index.ts'
import type { KnownWebhook } from '../../engine/ports/index.ts'
import { Lru } from '../../primitives/lru.ts'
import { SealedWebhook } from '../d1/tenant-webhooks.ts'
import { openSealed } from '../d1/webhook-row.ts'
import { CLIENT } from '../tuning.ts'
import type { Vault } from '../vault.ts'
import type { AcceptAnswer } from './event-log/accept-answer.ts'

export type Accepted = AcceptAnswer & { readonly kind: 'accepted' }

/** Of whom nothing is told. */
const HEALTHY = { suspendedAt: null, lane: 'fast', isTroubled: false, isHeld: false } as const

/** By the numbers of their versions. */
type Opened = ReadonlyMap<number, Promise<Webhook>>

export class KnownWebhooks {
  private readonly vault: Vault
  private readonly byLog = new Lru<string, Opened>({ max: CLIENT.tenants })

  constructor(vault: Vault) {
    this.vault = vault
  }

  /** What is held of what an event log told: an answer to who says so may leave it out, and is read with it. */
  heldOf(log: string): Opened {
    return this.byLog.get(log) ?? new Map()
  }

  /** The webhooks that an answer names, as they are now; what is new of them is held from now on. */
  async learn(
    log: string,
    held: Opened,
    { deliveries, states, webhooks, ...tenant }: Accepted,
  ): Promise<ReadonlyMap<number, KnownWebhook>> {
    const known = new Map(held)
    for (const { number, sealed } of webhooks) {
      known.set(number, openSealed(SealedWebhook.parse(JSON.parse(sealed)), this.vault))
    }
    if (webhooks.length > 0) this.hold(log, known)
    const stateOf = new Map(states.map(({ number, state }) => [number, state]))
    const { tenantName, retentionDays: tenantRetentionDays } = tenant
    const ofTenant = { tenantName, tenantRetentionDays }
    const found = new Map<number, KnownWebhook>()
    for (const number of new Set(deliveries.flatMap(({ webhooks }) => webhooks))) {
      const webhook = await known.get(number)
      if (webhook === undefined)
        throw new Error('The event log names a webhook that it did not tell of.')
      const state = stateOf.get(number) ?? HEALTHY
      const { suspendedAt, lane, isTroubled, isHeld } = state
      found.set(number, { ...webhook, suspendedAt, lane, isTroubled, isHeld, ...ofTenant })
    }
    return found
  }

  /** The newest versions, beside what others have learnt meanwhile; older ones come again where they are missed. */
  private hold(log: string, known: Opened): void {
    const all = [...new Map([...this.heldOf(log), ...known])].toSorted(([a], [b]) => b - a)
    this.byLog.set(log, new Map(all.slice(0, CLIENT.webhooks)))
  }
}
