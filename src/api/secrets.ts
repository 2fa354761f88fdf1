// Secrets at rest: the administrator's.

import { optionalJson } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { StartedJobResponse } from './schema/job.ts'
import { ReencryptSecrets } from './schema/secrets.ts'

export const secretOperations = [
  operation({
    id: 'reencryptSecrets',
    method: 'post',
    path: '/secrets/reencrypt',
    summary: 'Re-encrypt all secrets',
    description:
      'Starts a job that re-encrypts all stored secrets with the newest key in `SECRETS_KEY`.',
    access: 'administrator',
    audit: ['job.started'],
    input: optionalJson(ReencryptSecrets),
    status: 202,
    output: StartedJobResponse,
    errors: ['unavailable'],
    handle: ({ c }) => c.env.engine.administration.reencryptSecrets(),
  }),
]
