// Whether the receiver of a webhook agreed to be sent to, on the wire.

import { z } from 'zod'
import { VERIFICATION_METHODS, type Webhook } from '../../engine/model/index.ts'
import { formatTimeOrNull } from '../../primitives/time.ts'
import { timeOrNull } from './fields.ts'

export const VERIFICATION_MEANING =
  'How the receiver is asked whether it wants to be sent to, when the webhook is made and whenever its URL changes. `challenge`: by a POST whose ' +
  '`challenge` it repeats. `cloudevents`: by the OPTIONS request of CloudEvents, which it answers with `WebHook-Allowed-Origin`. Until it ' +
  'agrees, events wait. Null: it is not asked.'

export const VerificationInput = z.enum(VERIFICATION_METHODS)

export const verificationFields = {
  verification: VerificationInput.nullable().meta({ description: VERIFICATION_MEANING }),
  verifiedAt: timeOrNull('When the receiver agreed; null if it has not, or is not asked.'),
  verificationError: z.string().nullable().meta({
    description: 'Why the receiver does not count as agreed; null if it does, or was not asked.',
  }),
}

export function toVerificationFields({ verification }: Pick<Webhook, 'verification'>) {
  return {
    verification: verification?.method ?? null,
    verifiedAt: formatTimeOrNull(verification?.verifiedAt ?? null),
    verificationError: verification?.error ?? null,
  }
}
