// Secrets at rest: the administrator's.

import { call } from './call.ts'
import { optionalJson } from './input.ts'
import {
  ReencryptedResponse,
  ReencryptSecrets,
  toPosition,
  toReencryptedResponse,
} from './schema/secrets.ts'

export const secretCalls = [
  call({
    id: 'reencryptSecrets',
    method: 'post',
    path: '/secrets/reencrypt',
    summary: 'Re-encrypt secrets under the newest key of SECRETS_KEY, one step per call',
    access: 'administrator',
    takes: optionalJson(ReencryptSecrets),
    status: 200,
    gives: ReencryptedResponse,
    refusals: ['unavailable'],
    handle: async ({ c, input: { cursor } }) => {
      const { administration } = c.env.engine
      return toReencryptedResponse(await administration.resealSecrets(toPosition(cursor)))
    },
  }),
]
