// Reads the events of a pull webhook and forwards them, one after the other. Where it stands is written after each request: whoever
// ends it, the next run begins with the request that was under way, and none is left out.

import { hostname, userInfo } from 'node:os'
import { type Api, ApiFailure } from '../api.ts'
import { type PulledEvent, PullPage, Webhook } from '../shapes.ts'
import { type Answer, forward } from './forward.ts'
import type { Forwarded, ListenerState, Place } from './state.ts'

/** Seconds for which the webhook outlives its last reader. */
const IDLE_SECONDS = 3_600
/** Milliseconds for which a call waits for events. */
const WAIT_MS = 20_000
/** Events of a page. Signatures are of when it was read: it is read again when it has become this old (receivers refuse those of five minutes ago). */
const PAGE_EVENTS = 100
const PAGE_AGE_MS = 60_000
/** Milliseconds before a call that failed is made again, doubled each time, and at most. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

export interface Watcher {
  readonly onForwarded: (forwarded: Forwarded) => void
  /** What is not as it should be, as a sentence. */
  readonly onTrouble: (what: string) => void
}

interface Listening {
  readonly api: Api
  readonly state: ListenerState
  readonly url: URL
  readonly types: readonly string[]
  readonly signal: AbortSignal
  readonly watcher: Watcher
}

/** The place of a listener that has a webhook. */
export async function openPlace({ api, state, url, types }: Listening): Promise<Place> {
  const known = state.place()
  if (known !== null) return known
  const body = JSON.stringify({
    pull: true,
    deleteAfterIdleSeconds: IDLE_SECONDS,
    eventTypes: types,
    name: `hookline listen: ${userInfo().username} at ${hostname()}`.slice(0, 100),
    description: `Forwards to ${url.origin} while somebody runs \`hookline listen\`.`,
  })
  const { id } = await api.get(Webhook, { method: 'POST', path: '/webhooks', body })
  const place = { webhookId: id, cursor: null, done: [] }
  state.keepPlace(place)
  return place
}

/** Goes on until `signal` aborts. Rejects with what no other try would mend. */
export async function listen(listening: Listening, begun: Place): Promise<void> {
  const { signal, watcher } = listening
  let place = begun
  let pauseMs = FIRST_PAUSE_MS
  while (!signal.aborted) {
    try {
      place = await forwardPage(listening, place)
      pauseMs = FIRST_PAUSE_MS
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiFailure)) throw error
      if (error.status === 404) place = await beginAnew(listening)
      else if (error.status === 410) place = skipLost(listening, place)
      else if (error.isPassing) {
        watcher.onTrouble(`${error.message}; asking again in ${pauseMs / 1_000} s.`)
        await paused(pauseMs, signal)
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      } else throw error
    }
  }
}

/** Its webhook is gone: nobody had pulled for an hour, or somebody deleted it. */
async function beginAnew(listening: Listening): Promise<Place> {
  const { state, watcher } = listening
  state.forgetPlace()
  const place = await openPlace(listening)
  watcher.onTrouble(
    'The webhook was deleted, as it is after an hour without a listener. There is a new one: what was published in between does not come.',
  )
  return place
}

function skipLost({ state, watcher }: Listening, { webhookId }: Place): Place {
  watcher.onTrouble(
    'The place of this listener is older than the events that are kept: some may be missing. It goes on with the oldest.',
  )
  const place = { webhookId, cursor: null, done: [] }
  state.keepPlace(place)
  return place
}

/** Forwards what is behind a place; returns the place behind it. */
async function forwardPage(listening: Listening, begun: Place): Promise<Place> {
  const { state, signal } = listening
  const { items, cursor } = await pull(listening, begun, begun.done.length > 0 ? 0 : WAIT_MS)
  const endsAt = Date.now() + PAGE_AGE_MS
  const done = new Set(begun.done)
  for (const item of items) {
    if (done.has(item.id)) continue
    if (signal.aborted || Date.now() > endsAt) return { ...begun, done: [...done] }
    await forwardOne(listening, item, begun.cursor)
    // Whoever ended it while its receiver had not answered gets it again.
    if (signal.aborted) return { ...begun, done: [...done] }
    done.add(item.id)
    state.keepPlace({ ...begun, done: [...done] })
  }
  const place = { webhookId: begun.webhookId, cursor, done: [] }
  // Also where nothing came: a place that stays where it was grows older than the events that are kept.
  state.keepPlace(place)
  return place
}

function pull({ api, signal }: Listening, { webhookId, cursor }: Place, waitMs: number) {
  return api.get(PullPage, {
    path: `/webhooks/${webhookId}/pull`,
    query: {
      cursor: cursor ?? undefined,
      limit: String(PAGE_EVENTS),
      waitMs: String(waitMs),
    },
    waitMs,
    signal,
  })
}

async function forwardOne(
  { state, url, watcher, signal }: Listening,
  item: PulledEvent,
  cursor: string | null,
): Promise<void> {
  const answer: Answer = await forward(item, url, signal)
  if (signal.aborted) return
  const forwarded = {
    ...{ at: new Date().toISOString(), id: item.id, type: typeOf(item), url: url.href },
    ...{ ...answer, cursor },
  }
  state.remember(forwarded)
  watcher.onForwarded(forwarded)
}

/** Forwards once more what was forwarded before, signed now. False: it can be read no more. */
export async function replayOne(
  listening: Listening,
  { id, cursor }: Pick<Forwarded, 'id' | 'cursor'>,
): Promise<boolean> {
  const place = listening.state.place()
  if (place === null) return false
  const { items } = await pull(listening, { ...place, cursor }, 0)
  const item = items.find((one) => one.id === id)
  if (item === undefined) return false
  await forwardOne(listening, item, cursor)
  return true
}

/** The type that a body says, where it says one. */
function typeOf({ body }: PulledEvent): string {
  try {
    const { type } = Object(JSON.parse(body ?? '{}'))
    return typeof type === 'string' ? type : '?'
  } catch {
    // The webhook makes bodies of its own.
    return '?'
  }
}

/** Over sooner where `signal` aborts. */
async function paused(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}
