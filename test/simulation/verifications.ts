// Webhooks whose receivers are asked (docs/contracts/delivery.md, "Verification"): nothing is sent to one that has not agreed.

import type { VerificationMethod } from '../../src/engine/model/index.ts'
import type { Agreement } from '../fakes/handshakes.ts'
import type { Fact, Known } from './trace.ts'

/** Whether the receiver of a webhook is to be asked, and has agreed at its present URL; null: its owner was not told. */
export interface Asking {
  readonly method: VerificationMethod | null
  readonly hasAgreed: boolean | null
}

/** What an owner's request, once it is answered, comes to: another address, another way of asking, or the same question once more. */
export function nextAsking(
  known: Asking,
  { method, isMoved = false, isVerified = false }: Change,
  agreement: Agreement,
): Asking {
  const next = method === undefined ? known.method : method
  if (next === null) return { method: null, hasAgreed: true }
  const isAsked = isMoved || isVerified || next !== known.method
  return isAsked ? { method: next, hasAgreed: agreement === 'yes' } : known
}

export interface Change {
  readonly method?: VerificationMethod | null
  readonly isMoved?: boolean
  readonly isVerified?: boolean
}

interface Wait {
  readonly accepted: Set<string>
  /** What was sent before comes again only as a retry, or because somebody asked for it. */
  readonly sentBefore: ReadonlySet<string>
}

export interface Waiting {
  /** Requests to webhooks whose owners had been told that the receiver has not agreed, as sentences. What a publish had begun to send is not among them. */
  readonly broken: readonly string[]
  /** Of what had to wait: whether something did, and whether it was sent once the receiver agreed. */
  readonly hasWaited: boolean
  readonly wasSent: boolean
}

/** What came for webhooks whose receivers had not agreed. */
export function waitingForAgreement(trace: readonly Fact[]): Waiting {
  const waits = new Map<Known, Wait>()
  const sentTo = new Map<Known, Set<string>>()
  const waited = new Map<Known, Set<string>>()
  const broken: string[] = []
  let wasSent = false
  for (const fact of trace) {
    if (fact.kind === 'verifying') waits.delete(fact.webhook)
    if (fact.kind === 'unverified' && !waits.has(fact.webhook)) {
      const sentBefore = new Set(sentTo.get(fact.webhook))
      waits.set(fact.webhook, { accepted: new Set(), sentBefore })
    }
    if (fact.kind === 'asked' && fact.how === 'publish' && waits.has(fact.webhook)) {
      waits.get(fact.webhook)?.accepted.add(fact.eventId)
      waited.set(fact.webhook, (waited.get(fact.webhook) ?? new Set()).add(fact.eventId))
    }
    if (fact.kind !== 'request') continue
    const { webhook, sent } = fact.request
    const { eventId } = sent
    sentTo.set(webhook, (sentTo.get(webhook) ?? new Set()).add(eventId))
    const wait = waits.get(webhook)
    const isWaiting = wait?.accepted.has(eventId) === true || wait?.sentBefore.has(eventId) === true
    if (isWaiting) broken.push(`${sent.url} has not agreed and got ${eventId}`)
    else wasSent ||= waited.get(webhook)?.has(eventId) === true
  }
  return { broken, hasWaited: waited.size > 0, wasSent }
}
