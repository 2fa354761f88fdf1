// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html): what is asked for again and again, as one answer.

import { EngineError } from '../errors.ts'
import { withFieldNames } from './field-errors.ts'

const encoder = new TextEncoder()

const FAILED: unique symbol = Symbol('failed')

interface Timing {
  /** Milliseconds between two looks. */
  readonly stepMs: number
  /** Milliseconds of silence after which it says that it is there. */
  readonly heartbeatMs: number
  /** Milliseconds after which it ends: its reader asks anew, from the last id it saw. */
  readonly lastsMs: number
}

/** One event of a stream; `id`: from where a reader goes on that loses the connection behind it. */
export function serverSentEvent(event: string, data: unknown, id?: string): string {
  const position = id === undefined ? '' : `id: ${id}\n`
  return `${position}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** From where a reader goes on that loses the connection behind it. */
export function positionInStream(id: string): string {
  return `id: ${id}\n\n`
}

const LAST_EVENT_ID = 'Last-Event-ID'

/** The id behind which a reader goes on that lost a stream; undefined: it is the first that it asks for. */
export function lastEventIdOf(headers: Headers): string | undefined {
  return headers.get(LAST_EVENT_ID) || undefined
}

/** The refusal of a cursor that was such an id, at its header. */
export function atLastEventId(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error
  return withFieldNames(error, { cursor: [LAST_EVENT_ID] })
}

/** Why a stream ended: its time is over, its reader may not read it any more, or what it shows cannot be read now. */
type EndOfStream = 'time_over' | 'credential_ended' | 'unavailable'

/**
 * A stream of what `next` gives: a text of events, '' for nothing, null where its reader may have no more. It ends as well where `next`
 * rejects, after `onFailure` was told why. Its last event, `end`, says the reason.
 */
export function eventStream(
  next: () => Promise<string | null>,
  onFailure: (reason: unknown) => void,
  { stepMs, heartbeatMs, lastsMs }: Timing,
): ReadableStream<Uint8Array> {
  const endsAt = Date.now() + lastsMs
  let spokenAt = Date.now()
  let isOver = false
  const say = (controller: ReadableStreamDefaultController<Uint8Array>, text: string) => {
    spokenAt = Date.now()
    controller.enqueue(encoder.encode(text))
  }
  const end = (controller: ReadableStreamDefaultController<Uint8Array>, reason: EndOfStream) => {
    say(controller, serverSentEvent('end', { reason }))
    controller.close()
  }
  return new ReadableStream<Uint8Array>({
    start: (controller) => say(controller, `retry: ${stepMs}\n\n`),
    async pull(controller) {
      while (!isOver) {
        if (Date.now() >= endsAt) return end(controller, 'time_over')
        const text = await next().catch((reason: unknown): typeof FAILED => {
          onFailure(reason)
          return FAILED
        })
        if (isOver) return
        if (text === FAILED) return end(controller, 'unavailable')
        if (text === null) return end(controller, 'credential_ended')
        if (text !== '') return say(controller, text)
        if (Date.now() - spokenAt >= heartbeatMs) return say(controller, ': there\n\n')
        await new Promise((resolve) => setTimeout(resolve, stepMs))
      }
    },
    cancel() {
      isOver = true
    },
  })
}
