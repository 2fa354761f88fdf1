// Hookline's own API: HMAC and Ed25519 signatures, a prefix of types, a scope, Hookline's own events.

import type { Plan, Surface } from './surface.ts'
import { ed25519Verifier, hmacVerifier } from './verifiers.ts'

const VERIFIERS = { hmac: hmacVerifier, ed25519: ed25519Verifier }

interface NativePlan extends Pick<Plan, 'receiver' | 'about' | 'wants'> {
  readonly signing: keyof typeof VERIFIERS
  /** Fields of `POST /v1/webhooks` beside `url` and `signing`. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * One hour of it passes in a second: suspended after three seconds of failures. The timeout is no part of that: where the
 * machine is busy, what had no answer in time comes again that much later.
 */
const failureHandling = {
  suspend: { afterSeconds: 3 * 3_600, afterFailures: 3 },
  timeoutMs: 5_000,
}

const plans: readonly NativePlan[] = [
  {
    receiver: 'archive',
    about: 'every published event',
    // Hookline's own go to those that name them.
    wants: ({ type }) => !type.startsWith('webhook.'),
    signing: 'hmac',
    fields: { eventTypes: ['*'] },
  },
  {
    receiver: 'billing',
    about: 'invoice.*',
    wants: ({ type }) => type.startsWith('invoice.'),
    signing: 'ed25519',
    fields: { eventTypes: ['invoice.*'], failureHandling },
  },
  {
    receiver: 'clinic-north',
    about: 'survey_created, clinic=north only',
    wants: ({ type, scope }) => type === 'survey_created' && scope?.clinic === 'north',
    signing: 'hmac',
    fields: { eventTypes: ['survey_created'], scope: { clinic: 'north' } },
  },
  {
    receiver: 'operations',
    about: 'webhook.*, published by Hookline itself',
    wants: ({ type }) => type.startsWith('webhook.'),
    signing: 'hmac',
    fields: { eventTypes: ['webhook.*'] },
  },
]

export const native: Surface = {
  title: 'Hookline',
  plans: plans.map(({ signing, fields, ...plan }) => ({
    ...plan,
    register: async (client, url) => {
      const input = { url, name: plan.receiver, signing, ...fields }
      const { id, secret } = await client.v1<{ id: string; secret: string }>(
        'POST',
        '/webhooks',
        input,
      )
      return { webhookId: id, prove: VERIFIERS[signing](secret) }
    },
  })),
}
