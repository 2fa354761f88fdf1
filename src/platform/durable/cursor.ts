// Positions in the logs, and the cursors that say them.

import { z } from 'zod'
import { invalid } from '../../errors.ts'
import { CURSORS, type Cursors, tokensOf } from '../../primitives/cursor.ts'

/** Where a page of attempts goes on: the row, and how many of its attempts were shown. */
export type AttemptPosition = readonly [row: number, shown: number]

/** Where a page of attempts goes on; null at the begin. Throws `invalid` for a text that is no cursor of attempts. */
export function readAttemptCursor(cursor: string | undefined): AttemptPosition | null {
  if (cursor === undefined) return null
  const [row, shown] = readPosition(CURSORS.attempts, cursor)
  return [Number(row), Number(shown)]
}

/** After which event a page of diverted events goes on; null at the begin. Throws `invalid`. */
export function readDivertedCursor(cursor: string | undefined): string | null {
  return cursor === undefined ? null : (readPosition(CURSORS.diverted, cursor)[0] ?? null)
}

/**
 * Behind which event a page of events goes on: its id, or the number that it has in its log; null at the begin. Throws
 * `invalid`.
 */
export function readEventCursor(cursor: string | undefined): string | null {
  return readEventPositions(cursor)[0] ?? null
}

/** The same for each log of a tenant that has several; none at the begin. */
export function readEventPositions(cursor: string | undefined): readonly string[] {
  if (cursor === undefined) return []
  const former = FORMER.read(cursor)?.[0]
  return former === undefined
    ? (readPosition(CURSORS.events, cursor)[0]?.split('_') ?? [])
    : [former]
}

/** After which webhook a page of those that an event was not for goes on; null at the begin. Throws `invalid`. */
export function readUnmatchedCursor(cursor: string | undefined): string | null {
  return cursor === undefined ? null : (readPosition(CURSORS.unmatched, cursor)[0] ?? null)
}

/** Below which attempt a page of first attempts goes on; null at the begin. Throws `invalid`. */
export function readFirstAttemptCursor(cursor: string | undefined): string | null {
  return cursor === undefined ? null : (readPosition(CURSORS.firstAttempts, cursor)[0] ?? null)
}

function readPosition(cursors: Cursors, cursor: string): readonly (string | undefined)[] {
  const position = cursors.read(cursor)
  if (position === null) throw invalid(['cursor'], 'Not a cursor of this list.')
  return position
}

/**
 * The event in a cursor as version 0.1.0 gave it out, which did not say of which list. Whoever follows an event stream
 * keeps its last paging token, with such a cursor inside, for as long as it likes.
 */
const FORMER = tokensOf(z.tuple([z.uuid()]))
