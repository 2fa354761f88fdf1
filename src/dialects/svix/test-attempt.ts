// A message that is sent to one endpoint at once, to see what it answers.

import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import { refuseFields } from './errors.ts'
import { messageInput } from './message-input.ts'
import { endpointId, endpointsOf } from './params.ts'
import { AttemptOut, toAttemptOut } from './schema/attempt.ts'

export const testAttemptOperations = [
  repeatable(
    operation({
      id: 'testAttempt',
      method: 'post',
      path: '/app/{app_id}/endpoint/{endpoint_id}/msg/test-attempt',
      summary: 'Send a message to one endpoint, to see what it answers',
      description:
        'Sends the message once, whatever the endpoint’s types, and keeps nothing of it but, under an `Idempotency-Key`, the answer.',
      access: ['webhooks:write'],
      audit: 'A test changes nothing.',
      input: messageInput,
      status: 200,
      output: AttemptOut,
      handle: async ({ c, id, input: { body, payload: data } }) => {
        const { eventType: type, payload: _, ...others } = body
        refuseFields(others)
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const attempt = await seen(c).webhooks.test(endpoint, { type, data })
        return toAttemptOut(attempt, endpoint, null)
      },
    }),
    { tellsContent: true },
  ),
]
