// Whether an event is within a scope that was erased, of which only digests are known, and what is accepted of it then.

import {
  fromEventMessage,
  toContinuationMessages,
  toEventMessages,
} from '../../../engine/messages/event-message.ts'
import {
  type Event,
  expunge,
  isExpunged,
  type LoggedEvent,
  type Scope,
} from '../../../engine/model/index.ts'
import { sha256Hex } from '../../../primitives/digest.ts'
import { log } from '../../logger.ts'
import type { ErasedScope } from './erasure-store.ts'

/** Events by their ids that are to have no content, and since when. */
export type ErasedAmong = ReadonlyMap<string, number>

/** Tells the operator of those events that have come in and have no content. */
export function logErased(events: readonly Event[], tenantId: string | null): void {
  const expunged = events.filter(isExpunged).length
  if (expunged > 0) log({ event: 'events.erased', tenantId, events: expunged })
}

/** Events as they are written when some of them are to have no content. */
export function withoutErased(
  events: readonly LoggedEvent[],
  erased: ErasedAmong,
): readonly LoggedEvent[] {
  return events.map((event) => {
    const at = erased.get(event.id)
    const { webhookIds, pullWebhookIds } = event
    if (at === undefined) return event
    return { ...expunge(event, at), webhookIds, ...(pullWebhookIds && { pullWebhookIds }) }
  })
}

/** The events of a message that waits in an outbox. */
export function eventsOfMessage(text: string): readonly Event[] {
  return fromEventMessage(text)?.events ?? []
}

/** Such a message without the content of some of its events. */
export function withoutContentOf(text: string, erased: ErasedAmong): string {
  const message = fromEventMessage(text)
  if (message === null || !message.events.some(({ id }) => erased.has(id))) return text
  const left = (event: Event) => {
    const at = erased.get(event.id)
    return at === undefined ? event : expunge(event, at)
  }
  const { remaining } = message
  const [again = text] =
    remaining === null
      ? toEventMessages(message, message.events.map(left))
      : toContinuationMessages(
          message,
          remaining.map(({ event, webhookIds }) => ({ event: left(event), webhookIds })),
        )
  return again
}

/** Digests of deduplication keys. */
export function digestsOfKeys(keys: readonly string[], salt: string): Promise<string[]> {
  return Promise.all(keys.map((key) => sha256Hex(`${salt}\n${key}`)))
}

/** What stands in place of digests where all events are meant: it is none. */
const EVERYTHING = '*'

/** Digests of the entries that a scope must have. */
export async function digestsOf(scope: Scope, salt: string): Promise<string[]> {
  if (Object.keys(scope).length === 0) return [EVERYTHING]
  return Promise.all(Object.entries(scope).map((entry) => digestOf(entry, salt)))
}

function digestOf(entry: readonly [string, string], salt: string): Promise<string> {
  return sha256Hex(`${salt}\n${JSON.stringify(entry)}`)
}

/** Whether a scope has all entries that an erasure is about. `known`: digests of entries by their text, which it adds to. */
export async function isWithin(
  scope: Scope,
  { scope: wanted, salt }: Pick<ErasedScope, 'scope' | 'salt'>,
  known: Map<string, string>,
): Promise<boolean> {
  if (wanted[0] === EVERYTHING) return true
  const entries = Object.entries(scope)
  if (wanted.length === 0 || entries.length < wanted.length) return false
  const digests = new Set<string>()
  for (const entry of entries) {
    const name = JSON.stringify(entry)
    const digest = known.get(name) ?? (await digestOf(entry, salt))
    known.set(name, digest)
    digests.add(digest)
  }
  return wanted.every((digest) => digests.has(digest))
}
