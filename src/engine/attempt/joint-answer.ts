// What a receiver says of the events of one request: a 207 with `[{"id", "status"}]` takes those whose status is 2xx. In: the outcome of
// the request, and the ids of its events; out: the outcome as it counts for the webhook, and what came of those that were not taken.

import { z } from 'zod'
import { BATCH_LIMITS, type Disposition, MULTI_STATUS, type Outcome } from '../model/index.ts'
import type { PartResult } from '../ports/index.ts'

const Answer = z.array(
  z.object({
    id: z.string(),
    status: z.union([
      z.int().min(100).max(599),
      z
        .string()
        .regex(/^[1-9]\d{2}$/)
        .transform(Number),
    ]),
  }),
)

type Failed = Extract<Outcome, { kind: 'failed' }>

interface ReadAnswer {
  readonly outcome: Outcome
  readonly refused: readonly { readonly eventId: string; readonly outcome: Failed }[]
}

/** An event that a 207 does not name was not taken: nothing counts as delivered of which nobody said so. */
export function readJointAnswer(outcome: Outcome, eventIds: readonly string[]): ReadAnswer {
  if (outcome.kind !== 'delivered' || outcome.statusCode !== MULTI_STATUS) {
    return { outcome, refused: [] }
  }
  const { answer, ...delivered } = outcome
  const statuses = read(answer)
  const refuse = (error: string, statusCode = MULTI_STATUS): Failed => {
    const { kind: _, ...same } = delivered
    const nothing = { responseExcerpt: null, retryAfterSeconds: null }
    return { ...same, ...nothing, kind: 'failed', statusCode, error }
  }
  if (statuses === null) {
    const error =
      answer === undefined
        ? `The receiver answered 207, and its list was longer than ${BATCH_LIMITS.answerBytes / 1_024} KiB or broke off.`
        : 'The receiver answered 207 without a list of the form [{"id", "status"}].'
    return { outcome: refuse(error), refused: [] }
  }
  const refused = eventIds.flatMap((eventId) => {
    const status = statuses.get(eventId)
    if (status === undefined) {
      return [
        { eventId, outcome: refuse('The answer of the receiver, 207, does not name the event.') },
      ]
    }
    if (status >= 200 && status < 300) return []
    const error = `The receiver answered 207, and of this event ${status}.`
    return [{ eventId, outcome: refuse(error, status) }]
  })
  const isNone = refused.length === eventIds.length
  return { outcome: isNone ? refuse('The receiver took none of the events.') : delivered, refused }
}

function read(answer: string | undefined): ReadonlyMap<string, number> | null {
  if (answer === undefined) return null
  try {
    const { success, data } = Answer.safeParse(JSON.parse(answer))
    return success ? new Map(data.map(({ id, status }) => [id, status])) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** What a 207 leaves open counts like a receiver that had trouble: no trigger of a webhook names that status. */
function asTold(outcome: Outcome): Outcome {
  const isOpen = outcome.kind === 'failed' && outcome.statusCode === MULTI_STATUS
  return isOpen ? { ...outcome, statusCode: 500 } : outcome
}

/**
 * What follows for all of them and for each: those that are to be sent again go together, after the delay of the first. Without events
 * that were refused by themselves it is what follows from the outcome.
 */
export function jointDisposition(
  { outcome, refused }: ReadAnswer,
  dispositionOf: (outcome: Outcome) => Disposition,
): { readonly disposition: Disposition; readonly parts?: readonly PartResult[] } {
  if (refused.length === 0) return { disposition: dispositionOf(asTold(outcome)) }
  const each = refused.map((one) => ({ ...one, disposition: dispositionOf(asTold(one.outcome)) }))
  const again = each.find(({ disposition }) => disposition.kind === 'retry')?.disposition
  const parts = each.map(({ eventId, outcome: { statusCode, error }, disposition }) => {
    const what = { eventId, outcome: 'failed', statusCode, error } as const
    return { ...what, disposition: disposition.kind === 'retry' && again ? again : disposition }
  })
  const [first] = parts
  const isNone = outcome.kind === 'failed' && first !== undefined
  return { disposition: again ?? (isNone ? first.disposition : { kind: 'done' }), parts }
}
