// The secret of a webhook on the wire.

import { z } from 'zod'
import { optional, orDefault } from '../../engine/intake/event-input.ts'
import { WEBHOOK } from '../../limits.ts'

export const RotateSecret = z
  .strictObject({
    secret: optional(
      z.string(),
      'The new secret. If absent, a secret of the current kind is generated.',
    ),
    gracePeriodSeconds: orDefault(
      z.int().min(0).max(WEBHOOK.maxGraceSeconds),
      WEBHOOK.graceSeconds,
      'How long the previous secret signs as well, in seconds.',
    ),
  })
  .meta({ id: 'RotateSecret' })

export const SecretResponse = z
  .object({
    secret: z.string().meta({ description: 'The secret that requests are signed with.' }),
  })
  .meta({ id: 'Secret' })
