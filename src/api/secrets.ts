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
    summary: 'Re-encrypt all secrets',
    description:
      'Starts a job that re-encrypts all stored secrets with the newest key in `SECRETS_KEY`.',
    access: 'administrator',
    takes: optionalJson(ReencryptSecrets),
    status: 202,
    gives: StartedJob,
    refusals: ['unavailable'],
    handle: ({ c }) => c.env.engine.administration.reencryptSecrets(),
  }),
]
