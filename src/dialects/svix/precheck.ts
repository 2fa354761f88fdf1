// Whether a message would reach anybody, asked before it is made.

import { z } from 'zod'
import { channelNames } from '../../engine/intake/event-input.ts'
import { matches } from '../../engine/intake/match.ts'
import { EventType } from '../../engine/model/event-type.ts'
import { vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { PUBLISH } from '../../limits.ts'
import { endpointsOf } from './params.ts'

const PrecheckIn = z
  .object({
    eventType: EventType.meta({ description: 'The type of the message.' }),
    channels: channelNames(PUBLISH.channels).nullish().meta({ description: 'Its channels.' }),
  })
  .meta({ id: 'SvixMessagePrecheckIn' })

const PrecheckOut = z
  .object({
    active: z.boolean().meta({ description: 'Whether an endpoint would get such a message now.' }),
  })
  .meta({ id: 'SvixMessagePrecheckOut' })

export const precheckOperations = [
  operation({
    id: 'precheckMessage',
    method: 'post',
    path: '/app/{app_id}/msg/precheck/active',
    summary: 'See whether a message has an endpoint',
    access: ['webhooks:read', 'webhooks:list'],
    audit: 'It reads.',
    input: vendorJson(PrecheckIn),
    status: 200,
    output: PrecheckOut,
    handle: async ({ c, input: { eventType: type, channels } }) => {
      const endpoints = await endpointsOf(c).allOutlines()
      const message = { type, scope: {}, channels: channels ?? [] }
      const isActive = (one: (typeof endpoints)[number]) =>
        one.suspendedAt === null && matches(one, message)
      return { active: endpoints.some(isActive) }
    },
  }),
]
