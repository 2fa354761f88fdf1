// Which messages a caller chooses to be sent again.

import { z } from 'zod'
import { text } from '../../../engine/intake/event-input.ts'
import { EventType } from '../../../engine/model/event-type.ts'
import type { ReplayFilter } from '../../../engine/ports/index.ts'
import { PUBLISH } from '../../../limits.ts'
import { statusesOf } from './attempt.ts'
import { Span } from './task.ts'

const StatusCodeClass = z.literal([0, 100, 200, 300, 400, 500])

export const BulkReplayIn = Span.extend({
  eventTypes: z.array(EventType).nullish().meta({ description: 'Only messages of these types.' }),
  channel: text(1, PUBLISH.channelChars).nullish().meta({ description: 'Only of this channel.' }),
  tag: text(1, PUBLISH.tagChars).nullish().meta({ description: 'Only with this tag.' }),
  status: z.int().min(0).max(4).nullish().meta({
    description: 'Only messages that stand so at the endpoint, as `sending` is told apart.',
  }),
  statusCodeClass: StatusCodeClass.nullish().meta({
    description: 'Only messages that were answered so last; 0: those that were not answered.',
  }),
}).meta({ id: 'SvixBulkReplayIn' })

/** The replay that is asked for. */
export function toReplayFilter(input: z.output<typeof BulkReplayIn>): ReplayFilter {
  const { since, until, eventTypes, channel, tag, status, statusCodeClass } = input
  return {
    ...{ since, until: until ?? null, onlyMissing: false },
    onlyTypes: eventTypes?.length ? eventTypes : undefined,
    onlyChannel: channel ?? undefined,
    onlyTag: tag ?? undefined,
    onlyCodeClass: statusCodeClass ?? undefined,
    onlyStatuses: typeof status === 'number' ? statusesOf(status) : undefined,
  }
}
