// Secrets at rest: the administrator's.

import { call } from './call.ts'
import { optionalJson } from './input.ts'
import { StartedJob } from './schema/job.ts'
import { ReencryptSecrets } from './schema/secrets.ts'

export const secretCalls = [
  call({
    id: 'reencryptSecrets',
    method: 'post',
    path: '/secrets/reencrypt',
    summary: 'Start a job that re-encrypts all secrets under the newest key of SECRETS_KEY',
    access: 'administrator',
    takes: optionalJson(ReencryptSecrets),
    status: 202,
    gives: StartedJob,
    refusals: ['unavailable'],
    handle: ({ c }) => c.env.engine.administration.reencryptSecrets(),
  }),
]
