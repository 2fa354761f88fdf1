// What Socotra's clients ask of lists: filters and pages as query parameters.

import { ULID_REGEX } from 'ulidx'
import { z } from 'zod'
import type { EventQuery, WebhookFilter } from '../../engine/ports/index.ts'
import { invalid } from '../../errors.ts'
import { ulidToUuid } from '../../http/ids.ts'
import { clamped, readQuery } from '../../http/query.ts'
import { PAGE } from '../../limits.ts'
import { Timestamp } from '../../primitives/time.ts'
import { validate } from '../../primitives/validate.ts'
import { fromPagingToken, type Position, StreamOptions, toPagingToken } from './paging-token.ts'

/** docs/contracts/socotra.md, "List query". */
const COUNT = { default: 50, max: 500 } as const

/** No list is that long. */
const MAX_OFFSET = 999_999_999

const Flag = z
  .enum(['true', 'false'], 'Expected true or false.')
  .transform((flag) => flag === 'true')

const page = {
  offset: clamped(0, MAX_OFFSET)
    .default(0)
    .meta({ description: 'The number of items before the page.' }),
  count: clamped(1, COUNT.max)
    .default(COUNT.default)
    .meta({ description: `The number of items; more than ${COUNT.max} means ${COUNT.max}.` }),
}
export const PageQuery = z.object(page)

const WebhookFilterQuery = z.object({
  ...page,
  name: z.string().optional().meta({ description: 'Only webhooks of exactly this name.' }),
  enabled: Flag.optional().meta({
    description: 'If true, only webhooks that are enabled; if false, only those that are not.',
  }),
  suspended: Flag.optional().meta({
    description: 'If true, only webhooks that are suspended; if false, only those that are not.',
  }),
  active: Flag.optional().meta({
    description: 'Only webhooks that are enabled and not suspended, or all others.',
  }),
  extended: Flag.optional().meta({ description: 'Has no effect.' }),
})

export const WebhookQuery = WebhookFilterQuery.extend({
  eventTypes: z.string().optional().meta({
    description:
      'Only webhooks of one of these types. They may be separated by commas, and the parameter be repeated.',
  }),
})

interface WebhookPageQuery {
  readonly offset: number
  readonly count: number
  readonly filter: Pick<WebhookFilter, 'name' | 'enabled' | 'suspended' | 'active' | 'eventTypes'>
}

/** `eventTypes` may be given several times, and each time hold several, separated by commas. Throws `invalid`. */
export function readWebhookQuery(url: string): WebhookPageQuery {
  const { offset, count, extended: _, ...filter } = readQuery(url, WebhookFilterQuery)
  const eventTypes = new URL(url).searchParams
    .getAll('eventTypes')
    .flatMap((value) => value.split(','))
    .map((type) => type.trim())
    .filter((type) => type !== '')
  return {
    offset,
    count,
    filter: { ...filter, eventTypes: eventTypes.length === 0 ? undefined : eventTypes },
  }
}

/** Behind which event a list of a request's goes on; ours, as its `Link` header has it. */
export const RequestQuery = z.object({
  after: z
    .string()
    .regex(ULID_REGEX, 'Expected the locator of an event.')
    .transform(ulidToUuid)
    .nullable()
    .default(null)
    .meta({ description: 'The locator of the event after which the page begins.' }),
})

export const StreamQuery = StreamOptions.extend({
  pagingToken: z.string().optional().meta({
    description:
      'The `pagingToken` of the previous page. It cannot be combined with other options.',
  }),
})

const Bounds = z.object({
  startTimestamp: Timestamp.optional(),
  endTimestamp: Timestamp.optional(),
  pageSize: clamped(1, PAGE.maxLimit).default(PAGE.limit),
})

interface EventPageQuery {
  readonly query: EventQuery
  /** The token of the page after one that ended with `cursor`; null when it had no events. */
  readonly tokenAfter: (cursor: string | null) => string
}

/** Reads the first query of a stream of events, or the token that stands for it. Throws `invalid`. */
export function readEventQuery(url: string): EventPageQuery {
  const { pagingToken, ...options } = readQuery(url, StreamQuery)
  if (pagingToken !== undefined && Object.values(options).some((option) => option !== undefined)) {
    throw invalid(['pagingToken'], 'A paging token cannot be combined with other options.')
  }
  const position = pagingToken === undefined ? options : fromPagingToken(pagingToken)
  return {
    query: toEventQuery(position),
    // A page without events leaves the reader where it was: what comes later is still to be read.
    tokenAfter: (cursor) => toPagingToken(cursor === null ? position : { ...position, cursor }),
  }
}

/** From `startTimestamp` on, before `endTimestamp`, in order of acceptance. */
function toEventQuery({ type, cursor, ...texts }: Position): EventQuery {
  const { startTimestamp, endTimestamp, pageSize } = validate(Bounds, texts)
  return {
    order: 'oldest',
    type,
    after: startTimestamp === undefined ? undefined : startTimestamp - 1,
    before: endTimestamp,
    limit: pageSize,
    cursor,
  }
}
