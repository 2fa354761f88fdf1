// Whether a request can be made to a webhook at all. Where none can, that is the deployment's to mend and not the
// receiver's: deliveries wait, and are neither counted nor given up. In: a webhook; out: its dialect, or what is missing.

import type { Subscriber, Webhook } from '../model/index.ts'
import type { DialectRuntime, DialectRuntimes, Ports } from '../ports/index.ts'

type Availability =
  | { readonly kind: 'available'; readonly dialectRuntime: DialectRuntime }
  /** `reason`: as its owner reads it, a sentence. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/** Whether this deployment speaks a webhook's dialect and can open its secrets. */
export function availabilityOf(
  { dialect, unreadable }: Pick<Webhook, 'dialect' | 'unreadable'>,
  dialectRuntimes: DialectRuntimes,
): Availability {
  const dialectRuntime = dialectRuntimes(dialect)
  if (dialectRuntime === null) {
    const reason = `The dialect of the webhook, ${dialect}, is not part of this deployment.`
    return { kind: 'unavailable', reason }
  }
  return unreadable
    ? { kind: 'unavailable', reason: 'The secrets of the webhook cannot be decrypted.' }
    : { kind: 'available', dialectRuntime }
}

type LoggingPorts = Pick<Ports, 'dialectRuntimes' | 'log'>

/** The same, with a line in the log for a missing dialect; secrets had theirs when they were read. */
export function findAvailability(webhook: Subscriber, ports: LoggingPorts): Availability {
  const { id: webhookId, tenantId, dialect } = webhook
  if (ports.dialectRuntimes(dialect) === null) {
    ports.log({ event: 'dialect.unknown', tenantId, webhookId, dialect })
  }
  return availabilityOf(webhook, ports.dialectRuntimes)
}

/** Tells of the webhooks of a batch whether their deliveries wait; one line for each webhook, however many these are. */
export function watchAvailability(ports: LoggingPorts): (webhook: Subscriber) => boolean {
  const known = new Map<string, Availability>()
  return (webhook) => {
    const availability = known.get(webhook.id) ?? findAvailability(webhook, ports)
    known.set(webhook.id, availability)
    return availability.kind === 'unavailable'
  }
}
