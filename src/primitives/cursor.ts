// Cursors: where a page of a list ended, as a text that begins with the name of the list, so that none is taken for
// another list's. What the pattern of a list admits is a position of it, whether or not something stands there: who
// checks a cursor by the API's description is never refused. Positions of more than a few words are tokens instead.

import type { z } from 'zod'

/** Parts of a position, as patterns: an id, the id of a queue's message, a number of a row, how many came before. */
const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const WORD = '[0-9A-Za-z_-]{1,256}'
const NAME = '[0-9A-Za-z._-]{1,256}'
const ROW = '0|[1-9][0-9]{0,15}'
const COUNT = '0|[1-9][0-9]{0,8}'
/** Behind which event of a log: its id, or the number under which the log accepted it. Of several logs, one for each, in order. */
const BEHIND = `(?:${ID}|${ROW})(?:_(?:${ID}|${ROW})){0,31}`
/** The same, numbers alone. */
const NUMBERS = `(?:${ROW})(?:_(?:${ROW})){0,31}`

export interface Cursors {
  /** What every cursor of the list matches, and nothing else. */
  readonly pattern: RegExp
  /** The cursor of a position. */
  readonly write: (...position: readonly (string | number)[]) => string
  /** The position as it was written; null for a text that is no cursor of this list. */
  readonly read: (cursor: string) => readonly (string | undefined)[] | null
}

function cursorsOf(list: string, ...parts: readonly string[]): Cursors {
  const pattern = new RegExp(`^${list}${parts.map((part) => `\\.(${part})`).join('')}$`)
  return {
    pattern,
    write: (...position) => [list, ...position].join('.'),
    read: (cursor) => pattern.exec(cursor)?.slice(1) ?? null,
  }
}

/** The same with one more part, or without it. */
function withOptional(cursors: Cursors, part: string): Cursors {
  const pattern = new RegExp(`${cursors.pattern.source.slice(0, -1)}(?:\\.(${part}))?$`)
  return { ...cursors, pattern, read: (cursor) => pattern.exec(cursor)?.slice(1) ?? null }
}

/** Every list that has cursors. */
export const CURSORS = {
  tenants: cursorsOf('tenants', ID),
  keys: cursorsOf('keys', ID),
  portalLinks: cursorsOf('portal-links', ID),
  operatorKeys: cursorsOf('operator-keys', ID),
  templates: cursorsOf('templates', COUNT),
  deadLetters: cursorsOf('dead-letters', WORD),
  jobs: cursorsOf('jobs', ID),
  audit: cursorsOf('audit', ID),
  /** Until when everything was seen, in milliseconds. */
  tail: cursorsOf('tail', ROW),
  eventTypes: cursorsOf('event-types', NAME),
  webhooks: cursorsOf('webhooks', ID),
  events: cursorsOf('events', BEHIND),
  /** What a consumer has read of each log. */
  pull: cursorsOf('pull', NUMBERS),
  diverted: cursorsOf('diverted', ID),
  unmatched: cursorsOf('unmatched', ID),
  /** Webhooks that an event was sent to, as agents are told of them. */
  tried: cursorsOf('tried', ID),
  /** What a webhook monitor has: the row, and how many of its attempts were shown. */
  attempts: cursorsOf('attempts', ROW, COUNT),
  /** What an event log has: below which id. */
  firstAttempts: cursorsOf('first-attempts', ID),
  /** All of a webhook: where both stand. Until 0.1.0 without the latter. */
  webhookAttempts: withOptional(cursorsOf('attempts', ROW, COUNT), ID),
} as const

interface Tokens<Position> {
  readonly write: (position: Position) => string
  /** Null for a text that `write` never made. */
  readonly read: (token: string) => Position | null
}

/** Positions as base64url of JSON: texts that mean nothing to clients. */
export function tokensOf<Position>(schema: z.ZodType<Position>): Tokens<Position> {
  return {
    write: (position) => {
      const bytes = new TextEncoder().encode(JSON.stringify(position))
      return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
    },
    read: (token) => {
      try {
        const bytes = Uint8Array.fromBase64(token, { alphabet: 'base64url' })
        return schema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null
      } catch {
        return null
      }
    },
  }
}
