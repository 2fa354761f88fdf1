// Where a delivery goes. In: a webhook as a store found it; out: a Target, with whatever else its requests need. Resolved
// once for each webhook of a batch. Next: delivery/next-action.ts.

import {
  asSentTo,
  type Event,
  type FailureHandling,
  type Webhook,
  type WebhookWithTenant,
} from '../model/index.ts'
import type { DialectRuntime, Ports } from '../ports/index.ts'
import { keyFor } from '../signing/index.ts'
import { failureHandlingOf } from './failure-handling.ts'

/** A webhook with whatever a delivery to it asks for. */
export interface Target {
  readonly webhook: Webhook
  readonly tenantName: string
  /** As `WebhookWithTenant` has them. */
  readonly tenantRetentionDays?: number | undefined
  readonly tenantErasedAt?: number | null | undefined
  readonly failureHandling: FailureHandling
  /** Its monitor must hear of successes, too (`MonitorState`); null where nobody was asked. */
  readonly isTroubled: boolean | null
  /** It is on hold (`MonitorState`); null where nobody was asked. */
  readonly isHeld: boolean | null
  /** Null: this deployment does not have the webhook's dialect. */
  readonly dialectRuntime: DialectRuntime | null
  /**
   * Why no request can be made now, as its owner reads it; null when one can be. That is the deployment's to mend and not
   * the receiver's: its deliveries wait, and are neither counted nor given up.
   */
  readonly unavailableReason: string | null
}

/** What a webhook's requests depend on, beside itself. */
export interface TargetPorts extends Pick<Ports, 'dialectRuntimes'> {
  readonly settings: Pick<Ports['settings'], 'httpSigning'>
}

export function toTarget(
  webhook: WebhookWithTenant & { readonly isTroubled?: boolean; readonly isHeld?: boolean },
  ports: TargetPorts,
): Target {
  const { dialectRuntimes } = ports
  return {
    webhook,
    isTroubled: webhook.isTroubled ?? null,
    isHeld: webhook.isHeld ?? null,
    tenantName: webhook.tenantName,
    tenantRetentionDays: webhook.tenantRetentionDays,
    tenantErasedAt: webhook.tenantErasedAt,
    failureHandling: failureHandlingOf(webhook, dialectRuntimes),
    dialectRuntime: dialectRuntimes(webhook.dialect),
    unavailableReason: unavailableReason(webhook, ports),
  }
}

/** Why no request can be made to a webhook, as a sentence; null when one can be. */
export function unavailableReason(
  { dialect, unreadable, httpSignature }: Pick<Webhook, 'dialect' | 'unreadable' | 'httpSignature'>,
  { dialectRuntimes, settings }: TargetPorts,
): string | null {
  if (dialectRuntimes(dialect) === null) {
    return `The dialect of the webhook, ${dialect}, is not part of this deployment.`
  }
  if (unreadable) return 'The secrets of the webhook cannot be decrypted.'
  if (!httpSignature || keyFor(httpSignature, settings.httpSigning) !== null) return null
  return NO_KEY
}

const NO_KEY = 'This deployment has no key that makes the HTTP signature of the webhook.'

/** A line in the log where a request was due and the dialect, or a key, is missing; unreadable secrets had theirs when they were read. */
export function logUnavailable(
  { webhook, dialectRuntime, unavailableReason }: Target,
  { log }: Pick<Ports, 'log'>,
): void {
  const { id: webhookId, tenantId, dialect, unreadable, httpSignature } = webhook
  if (dialectRuntime === null) log({ event: 'dialect.unknown', tenantId, webhookId, dialect })
  else if (unavailableReason !== null && !unreadable && httpSignature) {
    const { profile } = httpSignature
    log({ event: 'signing_key.missing', tenantId, webhookId, profile })
  }
}

/**
 * Whether an event has data for a webhook, and that means something in the webhook's dialect, as far as the dialect can tell before it
 * is sent.
 */
export function accepts(
  { dialectRuntime, webhook }: Pick<Target, 'dialectRuntime' | 'webhook'>,
  event: Event,
): boolean {
  const sent = asSentTo(event, webhook)
  return sent !== null && (dialectRuntime?.wire.accepts?.(sent, webhook) ?? true)
}
