// What was attempted: of a message, and the messages of attempts.

import type { Attempt, LoggedEvent, Webhook } from '../../engine/model/index.ts'
import { EngineError, notFound } from '../../errors.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { PAGE } from '../../limits.ts'
import { getMessage } from './kept-messages.ts'
import { endpointsOf } from './params.ts'

/** Endpoints of a message that are asked at once. */
const AT_ONCE = 20

interface Attempted {
  readonly attempt: Attempt
  readonly endpoint: Webhook
}

/** All attempts of a message to endpoints, newest first. */
export async function attemptsOf(
  c: SurfaceContext,
  event: LoggedEvent,
  endpoints: readonly Webhook[],
): Promise<readonly Attempted[]> {
  const { webhooks } = seen(c)
  const ofEndpoint = async (endpoint: Webhook) => {
    const all: Attempted[] = []
    let cursor: string | undefined
    do {
      const asked = { eventId: event.id, limit: PAGE.maxLimit, cursor }
      const page = await webhooks.attempts(endpoint, asked)
      all.push(...page.items.map((attempt) => ({ attempt, endpoint })))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return all
  }
  const found: Attempted[] = []
  for (let start = 0; start < endpoints.length; start += AT_ONCE) {
    const group = endpoints.slice(start, start + AT_ONCE)
    found.push(...(await Promise.all(group.map(ofEndpoint))).flat())
  }
  return found.toSorted((one, other) => (one.attempt.id > other.attempt.id ? -1 : 1))
}

/** One attempt, and to which endpoint it was. Throws `not_found`. */
export async function getAttempt(
  c: SurfaceContext,
  messageName: string,
  attemptId: string,
): Promise<Attempted> {
  const event = await getMessage(c, messageName)
  const all = await attemptsOf(c, event, await endpointsOfMessage(c, event))
  const found = all.find(({ attempt }) => attempt.id === attemptId)
  if (found === undefined) throw notFound('attempt')
  return found
}

/** The endpoints that a message was for, or was sent to later, in order of creation. */
export async function endpointsOfMessage(
  c: SurfaceContext,
  event: LoggedEvent,
): Promise<readonly Webhook[]> {
  const all = await endpointsOf(c).all()
  return all.filter(({ id }) => event.webhookIds.includes(id))
}

/** The messages of attempts, those that are still kept, by id. */
export async function messagesBy(c: SurfaceContext, attempts: readonly Attempt[]) {
  const ids = [...new Set(attempts.map(({ eventId }) => eventId))]
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        return [id, await seen(c).events.get(c.get('principal').tenantId, id)] as const
      } catch (error) {
        if (error instanceof EngineError && error.code === 'not_found') return null
        throw error
      }
    }),
  )
  return new Map(found.flatMap((one) => (one === null ? [] : [one])))
}
