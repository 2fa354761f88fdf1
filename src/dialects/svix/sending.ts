// Sending one message to one endpoint: again, or an example.

import { z } from 'zod'
import { EventType } from '../../engine/model/event-type.ts'
import { invalid } from '../../errors.ts'
import { nothing, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import { isRecord } from '../../primitives/is-record.ts'
import { formatTime } from '../../primitives/time.ts'
import { endpointId, endpointsOf, messageId } from './params.ts'
import { MessageOut, toMessageOut } from './schema/message.ts'

const SendExampleIn = z
  .object({
    eventType: EventType.meta({ description: 'The type of which an example is sent.' }),
    exampleIndex: z
      .int()
      .min(0)
      .nullish()
      .meta({ description: 'Which example of the type; the first if absent.' }),
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
      audit: ['event.resent'],
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
        'Sends an example of the type in the catalogue once, made up from its schema where it has none, and keeps nothing of it. Of a ' +
        'type without a schema it is a text that says that it is a test.',
      access: ['webhooks:write'],
      audit: 'What was published is in the event log.',
      input: vendorJson(SendExampleIn),
      status: 202,
      output: MessageOut,
      handle: async ({ c, id, input: { eventType: type, exampleIndex } }) => {
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const { webhooks } = seen(c)
        const example = await webhooks.example(endpoint, { type, index: exampleIndex ?? 0 })
        const data = example ?? '{"message":"This is a test."}'
        if (!isRecord(JSON.parse(data))) {
          throw invalid(['eventType'], 'The example of this type is not an object.')
        }
        const { eventId, at } = await webhooks.test(endpoint, { type, data })
        return toMessageOut({ id: eventId, type, data, time: formatTime(at) }, true)
      },
    }),
  ),
]
