// Sending one message to one endpoint: again, or an example.

import { z } from 'zod'
import { EventType } from '../../engine/model/event-type.ts'
import { invalid } from '../../errors.ts'
import { nothing, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import { formatTime } from '../../primitives/time.ts'
import { refuseFields } from './errors.ts'
import { endpointId, endpointsOf, messageId } from './params.ts'
import { Unsupported } from './schema/fields.ts'
import { MessageOut, toMessageOut } from './schema/message.ts'

const SendExampleIn = z
  .object({
    eventType: EventType.meta({ description: 'The type of which an example is sent.' }),
    exampleIndex: Unsupported,
  })
  .meta({ id: 'SvixEventExampleIn' })

export const sendingOperations = [
  repeatable(
    operation({
      id: 'resendMessage',
      method: 'post',
      path: '/app/{app_id}/msg/{msg_id}/endpoint/{endpoint_id}/resend',
      summary: 'Send a message to an endpoint again',
      access: ['diverted-events:resend'],
      input: nothing,
      status: 202,
      output: z.object({}),
      handle: async ({ c, id }) => {
        const event = await messageId(c, id('msg_id'))
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        await seen(c).events.resend(c.get('principal').tenantId, event, endpoint.id)
        return {}
      },
    }),
  ),
  repeatable(
    operation({
      id: 'sendExample',
      method: 'post',
      path: '/app/{app_id}/endpoint/{endpoint_id}/send-example',
      summary: 'Send an example to an endpoint',
      description:
        'Sends the first example of the type in the catalogue, or a text that says that it is a test, once, and keeps nothing of it.',
      access: ['webhooks:write'],
      input: vendorJson(SendExampleIn),
      status: 202,
      output: MessageOut,
      handle: async ({ c, id, input: { eventType: type, ...others } }) => {
        refuseFields(others)
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const { types } = await c.env.engine.eventTypes.catalogue()
        const [example] = types.get(type)?.examples ?? []
        const isObject = typeof example === 'object' && example !== null && !Array.isArray(example)
        if (example !== undefined && !isObject) {
          throw invalid(['eventType'], 'The example of this type is not an object.')
        }
        const data = JSON.stringify(example ?? { message: 'This is a test.' })
        const { eventId, at } = await seen(c).webhooks.test(endpoint, { type, data })
        return toMessageOut({ id: eventId, type, data, time: formatTime(at) }, true)
      },
    }),
  ),
]
