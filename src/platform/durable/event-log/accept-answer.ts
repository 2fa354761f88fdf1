// What an event log is asked to accept, and how it answers: webhooks by the numbers of their versions, of which the caller holds some.

import type { Decided } from '../../../engine/intake/acceptance.ts'
import type { AcceptRequest, MonitorState } from '../../../engine/ports/index.ts'
import type { CopiedWebhook } from './copy-store.ts'
import type { Snapshot } from './webhook-copy.ts'

/** A request to accept events, with the versions of webhooks that the caller holds, by number. */
export interface AcceptCall extends AcceptRequest {
  readonly tenantId: string
  readonly held: readonly number[]
}

export type AcceptAnswer =
  | {
      readonly kind: 'accepted'
      readonly answers: Decided<CopiedWebhook>['answers']
      /** `index`: of the submission; the webhooks by the number of their version. */
      readonly deliveries: readonly {
        readonly index: number
        readonly webhooks: readonly number[]
        readonly mayHaveBegun: boolean
      }[]
      /** How each of the webhooks fares that are not simply healthy. */
      readonly states: readonly { readonly number: number; readonly state: MonitorState }[]
      /** Those of them that the caller does not hold; `sealed`: a `SealedWebhook` as JSON. */
      readonly webhooks: readonly { readonly number: number; readonly sealed: string }[]
      readonly tenantName: string
      /** Days for which the tenant's events are kept. */
      readonly retentionDays?: number | undefined
    }
  | { readonly kind: 'mismatch' | 'full' }
  | { readonly kind: 'conflict'; readonly index: number }
  | { readonly kind: 'no_tenant' }

/** What was decided, for a caller who holds the versions of these numbers. */
export function toAcceptAnswer(
  { answers, deliveries }: Decided<CopiedWebhook>,
  held: ReadonlySet<number>,
  { tenantName, retentionDays }: Snapshot<CopiedWebhook>,
): AcceptAnswer {
  const matched = new Set(deliveries.flatMap(({ webhooks }) => webhooks))
  return {
    kind: 'accepted',
    answers,
    deliveries: deliveries.map(({ webhooks, ...rest }) => ({
      ...rest,
      webhooks: webhooks.map(({ number }) => number),
    })),
    states: [...matched].flatMap(({ number, state }) =>
      isHealthy(state) ? [] : [{ number, state }],
    ),
    webhooks: [...matched].flatMap(({ number, sealed }) =>
      held.has(number) ? [] : [{ number, sealed: JSON.stringify(sealed) }],
    ),
    tenantName,
    retentionDays,
  }
}

function isHealthy({ suspendedAt, lane, isTroubled }: MonitorState): boolean {
  return suspendedAt === null && lane === 'fast' && !isTroubled
}
