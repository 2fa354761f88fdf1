// Attempts as they happen: what is new since a cursor, or, for who accepts Server-Sent Events, a stream of it.

import { describeError, invalid } from '../errors.ts'
import {
  atLastEventId,
  eventStream,
  lastEventIdOf,
  positionInStream,
  serverSentEvent,
} from '../http/event-stream.ts'
import { query } from '../http/input.ts'
import { operation, Streamed } from '../http/operation.ts'
import { seen } from '../http/seen.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { TAIL } from '../tuning.ts'
import { TailQueryInput, TailResponse, toWatchedAttempt } from './schema/tail.ts'

/** Until when a reader that lost a stream has seen everything, by the last id it saw. Throws `invalid`. */
function readPosition(lastEventId: string): number {
  const [until] = CURSORS.tail.read(lastEventId) ?? []
  if (until === undefined) throw atLastEventId(invalid(['cursor'], 'Not an id of this stream.'))
  return Number(until)
}

export const tailOperations = [
  operation({
    id: 'watchAttempts',
    method: 'get',
    path: '/tail',
    summary: 'Watch attempts',
    description:
      'Returns the attempts to all webhooks that ended since a cursor, which are known some seconds later; without one, none, and a ' +
      'cursor for the next call. With `Accept: text/event-stream`, a stream of them as Server-Sent Events: `attempt`, and `behind` where ' +
      'attempts are left out; the last one, `end`, has a `reason`. `Last-Event-ID` stands for the cursor.',
    access: ['webhooks:read', 'webhooks:list'],
    input: query(TailQueryInput),
    status: 200,
    output: TailResponse,
    handle: async ({ c, input: { cursor, seconds } }) => {
      const { id: keyId, tenantId } = c.get('principal')
      const watch = seen(c).webhooks.watch(tenantId)
      if (!c.req.header('accept')?.includes('text/event-stream')) {
        const { attempts, until, isBehind } = await watch.next(cursor ?? null)
        const items = attempts.map(toWatchedAttempt)
        return { items, behind: isBehind, nextCursor: CURSORS.tail.write(until) }
      }
      const last = lastEventIdOf(c.req.raw.headers)
      let since = last === undefined ? (cursor ?? null) : readPosition(last)
      const { isStillSignedIn, engine } = c.env
      const mayGoOn = isStillSignedIn ?? (() => engine.administration.isValid(keyId))
      const next = async (): Promise<string | null> => {
        if (!(await mayGoOn())) return null
        const isFirst = since === null
        const { attempts, until, isBehind } = await watch.next(since)
        since = until
        const events = attempts.map((one) => serverSentEvent('attempt', toWatchedAttempt(one)))
        if (isBehind) events.push(serverSentEvent('behind', {}))
        if (isFirst) events.push(serverSentEvent('ready', {}))
        // Last: of what was sent in part, all comes again.
        if (events.length > 0) events.push(positionInStream(CURSORS.tail.write(until)))
        return events.join('')
      }
      const { stepMs, heartbeatMs } = TAIL
      const onFailure = (reason: unknown) =>
        c.env.log({
          event: 'stream.broken',
          requestId: c.get('requestId'),
          error: describeError(reason),
        })
      const lastsMs = seconds * 1_000
      return new Streamed(eventStream(next, onFailure, { stepMs, heartbeatMs, lastsMs }))
    },
  }),
]
