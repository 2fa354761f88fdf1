// How Hookline itself fares, on the wire.

import { z } from 'zod'
import type { SystemStatus } from '../../engine/index.ts'
import { type Backlog, COMPONENTS } from '../../engine/ports/index.ts'
import { formatTime } from '../../primitives/time.ts'
import { Time } from './fields.ts'

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

const Milliseconds = z.int().meta({ description: 'Milliseconds.' })

const BacklogResponse = z
  .object({
    messages: z.int(),
    bytes: z.int(),
    oldestAt: Time.nullable().meta({ description: 'Null if no message is waiting.' }),
  })
  .nullable()
  .meta({
    description: 'Null if the component is not a queue, or if the platform does not report it.',
  })

export const StatusResponse = z
  .object({
    status: Health,
    oldestUndeliveredMs: Milliseconds.nullable().meta({
      description:
        'The age of the oldest message waiting in a queue, as reported by Cloudflare Queues. This is not the age of an ' +
        'event: a delivery that is put into a queue again counts as a new message. Null if no message is waiting, or ' +
        'if the platform does not report it, as in the local runtime.',
    }),
    components: z.array(
      z.object({
        name: z.enum(COMPONENTS),
        reachable: z.boolean().meta({
          description:
            'For `secrets`: whether SECRETS_KEY is valid and decrypts at least some of the stored secrets.',
        }),
        reason: z.string().nullable().meta({
          description:
            'What is wrong; null if nothing is. A component that can be reached may have a reason as well.',
        }),
        latencyMs: Milliseconds,
        backlog: BacklogResponse,
      }),
    ),
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
