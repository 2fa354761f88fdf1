// How Hookline itself fares, on the wire.

import { z } from 'zod'
import type { SystemStatus, SystemSummary } from '../../engine/index.ts'
import { type Backlog, COMPONENTS } from '../../engine/ports/index.ts'
import { formatTime } from '../../primitives/time.ts'
import { timeOrNull } from './fields.ts'

const Health = z
  .enum(['ok', 'degraded'])
  .meta({ description: '`degraded` means that a component cannot be reached or used.' })

/** For everybody: no more than this. */
export const SystemHealthResponse = z
  .object({
    status: Health,
    reason: z.string().optional().meta({
      description:
        'Only where every request is refused: which secret of the deployment is a published example, and how to replace it.',
    }),
  })
  .meta({ id: 'SystemHealth' })

const Milliseconds = z.int()

const BacklogResponse = z
  .object({
    messages: z.int().meta({ description: 'The number of messages that are waiting.' }),
    bytes: z.int().meta({ description: 'Their size in bytes.' }),
    oldestAt: timeOrNull('When the oldest of them was sent; null if no message is waiting.'),
  })
  .nullable()
  .meta({
    description:
      'What is waiting in a queue. Null if the component is not a queue, or if the platform does not report it.',
  })

const counted = (what: string) => z.int().meta({ description: `The number of ${what}.` })

export const SummaryResponse = z
  .object({
    tenants: counted('tenants'),
    webhooks: z
      .object({
        active: counted('active webhooks'),
        suspended: counted('suspended webhooks'),
        disabled: counted('disabled webhooks'),
      })
      .meta({ description: 'The number of webhooks of all tenants, by status.' }),
    deadLetters: counted('queue messages that were given up'),
    oldestUndeliveredMs: Milliseconds.nullable().meta({
      description: 'The age of the oldest message waiting in a queue, as in `GET /v1/status`.',
    }),
    today: z
      .object({
        events: counted('events accepted'),
        delivered: counted('attempts that delivered'),
        failed: counted('attempts that failed'),
        dollars: z.number().meta({
          description:
            'What Cloudflare bills for this, in US dollars; an estimate, as in `GET /v1/usage`.',
        }),
      })
      .meta({
        description:
          'What tenants have done on this day, in UTC, as far as it was told: within an hour where there is much to tell, else ' +
          'within a day.',
      }),
  })
  .meta({ id: 'Summary' })
export type SummaryResponse = z.infer<typeof SummaryResponse>

export function toSummaryResponse(summary: SystemSummary): SummaryResponse {
  const { today, population, oldestUndeliveredMs } = summary
  const { tenants, webhooks, deadLetters } = population
  const { events, delivered, failed, microdollars } = today
  return {
    ...{ tenants, webhooks, deadLetters, oldestUndeliveredMs },
    today: { events, delivered, failed, dollars: microdollars / 1_000_000 },
  }
}

export const StatusResponse = z
  .object({
    status: Health,
    oldestUndeliveredMs: Milliseconds.nullable().meta({
      description:
        'The age of the oldest message waiting in a queue, as reported by Cloudflare Queues. This is not the age of an ' +
        'event: a delivery that is put into a queue again counts as a new message. Null if no message is waiting, or ' +
        'if the platform does not report it, as in the local runtime.',
    }),
    components: z
      .array(
        z.object({
          name: z.enum(COMPONENTS).meta({ description: 'The name of the component.' }),
          reachable: z.boolean().meta({
            description:
              'Whether the component answers. For `secrets`: whether SECRETS_KEY is valid and decrypts at least some of the stored secrets. For `signingKeys`: whether SIGNING_KEYS is valid, or not set.',
          }),
          reason: z.string().nullable().meta({
            description:
              'What is wrong; null if nothing is. A component that can be reached may have a reason as well.',
          }),
          latencyMs: Milliseconds.meta({
            description: 'How long it took to answer, in milliseconds.',
          }),
          backlog: BacklogResponse,
        }),
      )
      .meta({ description: 'Everything that deliveries depend on.' }),
  })
  .meta({ id: 'SystemStatus' })
export type StatusResponse = z.infer<typeof StatusResponse>

export function toStatusResponse({
  health,
  components,
  oldestUndeliveredMs,
}: SystemStatus): StatusResponse {
  return {
    status: health,
    oldestUndeliveredMs,
    components: components.map(({ component, reachable, reason, latencyMs, backlog }) => ({
      name: component,
      reachable,
      reason,
      latencyMs,
      backlog: backlog && toBacklogResponse(backlog),
    })),
  }
}

function toBacklogResponse({ messages, bytes, oldestAt }: Backlog) {
  return { messages, bytes, oldestAt: oldestAt === null ? null : formatTime(oldestAt) }
}
