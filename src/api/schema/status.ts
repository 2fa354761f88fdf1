// How Hookline itself fares, on the wire.

import { z } from 'zod'
import type { SystemStatus } from '../../engine/index.ts'
import { type Backlog, COMPONENTS } from '../../engine/ports/index.ts'
import { formatTime } from '../../primitives/time.ts'
import { Time } from './fields.ts'

const Health = z
  .enum(['ok', 'degraded'])
  .meta({ description: '`degraded`: some component cannot be reached or used.' })

/** For everybody: no more than this. */
export const HealthResponse = z.object({ status: Health }).meta({ id: 'SystemHealth' })

const Milliseconds = z.int().meta({ description: 'Milliseconds.' })

const BacklogResponse = z
  .object({
    messages: z.int(),
    bytes: z.int(),
    oldestAt: Time.nullable().meta({ description: 'Null when no message waits.' }),
  })
  .nullable()
  .meta({ description: 'Null for what is no queue, and where the platform does not tell.' })

export const StatusResponse = z
  .object({
    status: Health,
    oldestUndeliveredMs: Milliseconds.nullable().meta({
      description:
        'Age of the oldest message that waits in a queue, as Cloudflare Queues tells it. Not the age of an event: a ' +
        'delivery that is sent anew or handed over is a new message. Null when no message waits and where the platform ' +
        'does not tell, as the local runtime.',
    }),
    components: z.array(
      z.object({
        name: z.enum(COMPONENTS),
        reachable: z.boolean().meta({
          description:
            'Of `secrets`: whether SECRETS_KEY can be used and opens some of what is stored.',
        }),
        reason: z.string().nullable().meta({
          description: 'What is wrong, also with one that can be reached; null when nothing is.',
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
