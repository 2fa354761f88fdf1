// What operational webhooks are told, in Svix's words (models `…EventData` of its SDKs 1.x): the body of such a message is
// `{ type, data }`, and its type that of the message.

import { isSystemEventType, type SystemEventType } from '../../engine/model/index.ts'
import type { OperatorNotice } from '../../engine/ports/index.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { toSvixId } from './ids.ts'

const TYPES = {
  'webhook.created': 'endpoint.created',
  'webhook.updated': 'endpoint.updated',
  'webhook.deleted': 'endpoint.deleted',
  'webhook.failing': 'message.attempt.failing',
  'webhook.suspended': 'endpoint.disabled',
  'webhook.resumed': 'endpoint.enabled',
  'webhook.exhausted': 'message.attempt.exhausted',
} as const satisfies Record<OperatorNotice['kind'], string>

/** The types that operational webhooks may ask for. */
export const OPERATIONAL_TYPES: ReadonlySet<string> = new Set(Object.values(TYPES))

function toFailedMessage({ at, failed }: OperatorNotice) {
  if (failed === null) return {}
  const { eventId, lastAttempt } = failed
  return {
    msgId: toSvixId('msg', eventId),
    lastAttempt: {
      id: toSvixId('atmpt', lastAttempt?.id ?? eventId),
      responseStatusCode: lastAttempt?.statusCode ?? 0,
      timestamp: formatTime(lastAttempt?.at ?? at),
    },
  }
}

const MORE = {
  'webhook.suspended': ({ failingSince }) => ({
    failSince: formatTimeOrNull(failingSince),
    trigger: 'automatic',
  }),
  'webhook.resumed': () => ({}),
  'webhook.failing': toFailedMessage,
  'webhook.exhausted': toFailedMessage,
} satisfies Record<SystemEventType, (notice: OperatorNotice) => object>

export function operatorEvent(notice: OperatorNotice) {
  const { kind, webhook, tenantUid } = notice
  const type = TYPES[kind]
  const about = {
    appId: toSvixId('app', webhook.tenantId),
    appUid: tenantUid,
    endpointId: toSvixId('ep', webhook.id),
    endpointUid: webhook.uid,
  }
  const more = isSystemEventType(kind) ? MORE[kind](notice) : {}
  return { type, data: { type, data: { ...about, ...more } } }
}
