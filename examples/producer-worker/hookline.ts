// What a Worker needs to publish to Hookline, in one file to copy: the types of both ways in, and a publish by each that
// is repeated when it fails, with the same deduplication key.

export interface HooklineEvent {
  /** 1 to 256 of `A-Z a-z 0-9 . _ -`. */
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  /**
   * The deduplication key, remembered for 24 hours: Hookline publishes an event once, however often it is sent. Hookline can
   * do without; whoever repeats cannot. Make it of what happened (an order's number), not of chance.
   */
  readonly id: string
  /** What the event belongs to: a webhook with a scope gets only events that have every entry of it. */
  readonly scope?: Readonly<Record<string, string>>
}

/** The service binding, to the entrypoint `Publisher`. */
export interface Hookline {
  publish(
    tenantId: string,
    events: HooklineEvent | readonly HooklineEvent[],
  ): Promise<{ readonly events: readonly AcceptedEvent[] }>
}

export interface AcceptedEvent {
  /** The `webhook-id` that receivers get. */
  readonly id: string
  readonly type: string
  /** It was accepted before, under the same deduplication key. */
  readonly duplicate: boolean
}

/** A message of the queue `hookline-events`. */
export interface EventMessage {
  readonly v: 1
  readonly tenantId: string
  readonly events: readonly HooklineEvent[]
}

/** By RPC: resolves when Hookline has stored the event. Rejects with a refusal, or when every try failed. */
export async function publishNow(
  hookline: Hookline,
  tenantId: string,
  event: HooklineEvent,
): Promise<AcceptedEvent> {
  const { events } = await untilDone(() => hookline.publish(tenantId, event))
  const [accepted] = events
  if (accepted === undefined) throw new Error('Hookline accepted nothing.')
  return accepted
}

/** By queue: resolves when Cloudflare has stored the message. What Hookline would refuse becomes a dead letter there. */
export function publishLater(
  queue: Queue<EventMessage>,
  tenantId: string,
  event: HooklineEvent,
): Promise<unknown> {
  return untilDone(() => queue.send({ v: 1, tenantId, events: [event] }))
}

/** Codes of errors that another try does not mend: what was sent is wrong. */
const REFUSALS: readonly unknown[] = ['malformed', 'invalid', 'not_found', 'conflict', 'too_large']

/** Whether Hookline answered that it will not publish this. Whatever else failed may have published, or not. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && REFUSALS.includes(error.code)
}

const PAUSES_MS = [100, 500]

/** A failed try may have been stored, and only its answer lost: the same key makes another one safe. */
async function untilDone<T>(publish: () => Promise<T>): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await publish()
    } catch (error) {
      if (isRefusal(error)) throw error
      await scheduler.wait(pauseMs)
    }
  }
  return publish()
}
