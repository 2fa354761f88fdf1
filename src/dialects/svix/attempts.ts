// Attempts, by endpoint and by message, and how messages stand at endpoints.

import { z } from 'zod'
import type { Attempt, LoggedEvent } from '../../engine/model/index.ts'
import { nothing, query } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import { attemptsOf, endpointsOfMessage, getAttempt, messagesBy } from './attempted.ts'
import { getMessage, messagesOf } from './kept-messages.ts'
import { newestPage, pageOf, pageOfAll } from './pages.ts'
import { endpointId, endpointsOf } from './params.ts'
import {
  AttemptOut,
  AttemptsQuery,
  EndpointMessageOut,
  isAttemptAskedFor,
  MessageEndpointOut,
  toAttemptOut,
  toStanding,
} from './schema/attempt.ts'
import { toEndpointOut } from './schema/endpoint.ts'
import { isAskedMessage, toMessageOut } from './schema/message.ts'

const PAGE_OF_ATTEMPTS = pageOf(AttemptOut).meta({ id: 'SvixListMessageAttemptOut' })

/** An attempt is reported when it is over, which takes a minute at most (`FailureHandling.timeoutMs`, and what its report waits for). */
const LONGEST_ATTEMPT_MS = 60_000

const ByMessageQuery = AttemptsQuery.extend({
  endpoint_id: z.string().optional().meta({ description: 'Only attempts to this endpoint.' }),
})

export const attemptOperations = [
  operation({
    id: 'listAttemptsByEndpoint',
    method: 'get',
    path: '/app/{app_id}/attempt/endpoint/{endpoint_id}',
    summary: 'List the attempts to an endpoint',
    description: 'Returns attempts, newest first.',
    access: ['webhooks:read', 'events:read'],
    input: query(AttemptsQuery),
    status: 200,
    output: PAGE_OF_ATTEMPTS,
    handle: async ({ c, id, input }) => {
      const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
      const { channel, tag } = input
      const looksAtMessages = channel !== undefined || tag !== undefined
      const outcome = input.status === 0 ? 'delivered' : input.status === 2 ? 'failed' : undefined
      const page = await newestPage(
        {
          read: async (part) => {
            const { items, nextCursor } = await seen(c).webhooks.attempts(endpoint, {
              ...part,
              outcome,
            })
            const asked = items.filter((attempt) => isAttemptAskedFor(attempt, input))
            if (!looksAtMessages) return { items: asked, nextCursor }
            const messages = await messagesBy(c, asked)
            const isOfAsked = ({ eventId }: Attempt) => {
              const message = messages.get(eventId)
              return message !== undefined && isAskedMessage(message, { channel, tag })
            }
            return { items: asked.filter(isOfAsked), nextCursor }
          },
          idOf: ({ id }) => id,
          isShown: () => true,
          // They stand in the order of their reports.
          disorderMs: LONGEST_ATTEMPT_MS,
        },
        input,
      )
      const messages = input.with_msg ? await messagesBy(c, page.data) : new Map()
      return {
        ...page,
        data: page.data.map((attempt) => {
          const event = messages.get(attempt.eventId)
          const shown = event ? { event, withContent: input.with_content } : null
          return withContent(toAttemptOut(attempt, endpoint, shown), input.with_content)
        }),
      }
    },
  }),
  operation({
    id: 'listAttemptsByMessage',
    method: 'get',
    path: '/app/{app_id}/attempt/msg/{msg_id}',
    summary: 'List the attempts of a message',
    description: 'Returns attempts, newest first.',
    access: ['webhooks:read', 'events:read'],
    input: query(ByMessageQuery),
    status: 200,
    output: PAGE_OF_ATTEMPTS,
    handle: async ({ c, id, input }) => {
      const { endpoint_id: named, after, before } = input
      const event = await getMessage(c, id('msg_id'))
      const endpoints =
        named === undefined
          ? await endpointsOfMessage(c, event)
          : [await endpointsOf(c).get(await endpointId(c, named))]
      const all = await attemptsOf(c, event, endpoints)
      const asked = all.filter(
        ({ attempt }) =>
          isAttemptAskedFor(attempt, input) &&
          isAskedMessage(event, { channel: input.channel, tag: input.tag }) &&
          (after === undefined || attempt.at > after) &&
          (before === undefined || attempt.at < before),
      )
      const page = pageOfAll(
        asked,
        input,
        ({ attempt }) => attempt.id,
        (key, other) => key < other,
      )
      return {
        ...page,
        data: page.data.map(({ attempt, endpoint }) => {
          const shown = input.with_msg ? { event, withContent: input.with_content } : null
          return withContent(toAttemptOut(attempt, endpoint, shown), input.with_content)
        }),
      }
    },
  }),
  operation({
    id: 'listAttemptedMessages',
    method: 'get',
    path: '/app/{app_id}/endpoint/{endpoint_id}/msg',
    summary: 'List the messages of an endpoint',
    description: 'Returns messages, newest first, and how each stands at the endpoint.',
    access: ['webhooks:read', 'events:read', 'events:list'],
    input: query(AttemptsQuery.omit({ status_code_class: true, with_msg: true })),
    status: 200,
    output: pageOf(EndpointMessageOut).meta({ id: 'SvixListEndpointMessageOut' }),
    handle: async ({ c, id, input }) => {
      const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
      const { tenantId } = c.get('principal')
      const { events } = seen(c)
      const messages = messagesOf(c, () => true)
      const standing = async (event: LoggedEvent) => {
        const deliveries = await events.deliveries(tenantId, event.id)
        const own = deliveries.find(({ webhookId }) => webhookId === endpoint.id)
        return { event, ...toStanding(own, input.expanded_statuses) }
      }
      const page = await newestPage(
        {
          read: async (part) => {
            const { items, nextCursor } = await messages.read(part)
            const own = items.filter(
              (event) => event.webhookIds.includes(endpoint.id) && isAskedMessage(event, input),
            )
            const all = await Promise.all(own.map(standing))
            const isAsked = ({ status }: { status: number }) =>
              input.status === undefined || status === input.status
            return { items: all.filter(isAsked), nextCursor }
          },
          idOf: ({ event }) => event.id,
          isShown: () => true,
        },
        input,
      )
      return {
        ...page,
        data: page.data.map(({ event, ...stands }) => ({
          ...toMessageOut(event, input.with_content),
          ...stands,
        })),
      }
    },
  }),
  operation({
    id: 'listAttemptedDestinations',
    method: 'get',
    path: '/app/{app_id}/msg/{msg_id}/endpoint',
    summary: 'List the endpoints of a message',
    description: 'Returns endpoints in order of creation, and how the message stands at each.',
    access: ['webhooks:read', 'webhooks:list', 'events:read'],
    input: query(AttemptsQuery.pick({ limit: true, iterator: true, expanded_statuses: true })),
    status: 200,
    output: pageOf(MessageEndpointOut).meta({ id: 'SvixListMessageEndpointOut' }),
    handle: async ({ c, id, input }) => {
      const event = await getMessage(c, id('msg_id'))
      const endpoints = await endpointsOfMessage(c, event)
      const deliveries = await seen(c).events.deliveries(c.get('principal').tenantId, event.id)
      const page = pageOfAll(
        endpoints,
        input,
        (endpoint) => endpoint.id,
        (key, other) => key > other,
      )
      return {
        ...page,
        data: page.data.map((endpoint) => ({
          ...toEndpointOut(endpoint),
          ...toStanding(
            deliveries.find(({ webhookId }) => webhookId === endpoint.id),
            input.expanded_statuses,
          ),
        })),
      }
    },
  }),
  operation({
    id: 'getAttempt',
    method: 'get',
    path: '/app/{app_id}/msg/{msg_id}/attempt/{attempt_id}',
    summary: 'Get an attempt',
    access: ['webhooks:read', 'events:read'],
    input: nothing,
    status: 200,
    output: AttemptOut,
    handle: async ({ c, id }) => {
      const { attempt, endpoint } = await getAttempt(c, id('msg_id'), id('attempt_id'))
      return toAttemptOut(attempt, endpoint, null)
    },
  }),
  operation({
    id: 'expungeAttempt',
    method: 'delete',
    path: '/app/{app_id}/msg/{msg_id}/attempt/{attempt_id}/content',
    summary: 'Expunge the content of an attempt',
    description: 'Removes what the endpoint answered.',
    access: ['webhooks:write', 'events:read'],
    audit: ['attempt.expunged'],
    input: nothing,
    status: 204,
    handle: async ({ c, id }) => {
      const { attempt, endpoint } = await getAttempt(c, id('msg_id'), id('attempt_id'))
      await seen(c).webhooks.expungeAttempt(endpoint, attempt)
    },
  }),
]

/** An attempt without what the receiver answered, where no contents were asked for. */
function withContent(attempt: AttemptOut, isWanted: boolean): AttemptOut {
  return isWanted ? attempt : { ...attempt, response: '' }
}
