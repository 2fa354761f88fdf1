// What the webhook of an EveryPoint instance gets (docs/contracts/everypoint.md, "Notifications"): full URLs in place of
// the URIs that producers publish. Bodies are put together as text, so that a message is passed on exactly as it was
// written.

import type { Event } from '../../engine/model/index.ts'
import { plainAlert } from '../../engine/notifications/alert.ts'
import type { Wire } from '../../engine/ports/index.ts'
import { memberText, rootOffset } from '../../primitives/json-text.ts'
import { INSTANCE_NAME } from './schema.ts'

/** The vendor’s; the variable EVERYPOINT_BASE_URL takes its place. */
const BASE_URL = 'https://api.everypoint.io/v3'

export const wire: Wire = {
  encode: async (event, _, { variables }) => {
    const body = toBody(event, variables.EVERYPOINT_BASE_URL || BASE_URL)
    return body === null ? null : { headers: [], body }
  },
  accepts: ({ type, data }) => type !== 'annotation' || isByTrigger(data),
  alert: plainAlert,
}

/** Null for an event that has no format here or lacks what its format needs. */
function toBody({ type, scope, data }: Event, baseUrl: string): string | null {
  const format = formats.get(type)
  const { instance } = scope
  if (format === undefined || instance === undefined || !LEGAL_NAME.test(instance)) return null
  return format(data, `${baseUrl.replace(/\/+$/, '')}/instances/${instance}`)
}

const LEGAL_NAME = new RegExp(`^${INSTANCE_NAME}$`)

type Format = (data: string, instanceUrl: string) => string | null

const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  [
    'job',
    (data, instanceUrl) => {
      const job = findUrl(data, 'uri', instanceUrl)
      return job && `{"job":${job}}`
    },
  ],
  [
    'annotation',
    (data, instanceUrl) => {
      const annotation = findUri(data, 'trigger') && findUrl(data, 'uri', instanceUrl)
      return annotation ? `{"annotation":${annotation}}` : null
    },
  ],
  [
    'message',
    (data, instanceUrl) => {
      const folder = findUrl(data, 'folder', instanceUrl)
      const body = findText(data, 'body')
      return folder && body && `{"message":{"folder":${folder},"body":${body}}}`
    },
  ],
])

/** The vendor tells of an annotation only "as the result of a trigger". */
function isByTrigger(data: string): boolean {
  const trigger = memberText(data, rootOffset(data), 'trigger')
  return trigger !== null && trigger !== 'null'
}

/** The full URL of the URI in a member, as JSON text. */
function findUrl(data: string, name: string, instanceUrl: string): string | null {
  const uri = findUri(data, name)
  return uri && `${JSON.stringify(instanceUrl).slice(0, -1)}${uri.slice(1)}`
}

/** The URI in a member, as JSON text: a string that starts with a slash. */
function findUri(data: string, name: string): string | null {
  const text = findText(data, name)
  if (text === null) return null
  const uri: unknown = JSON.parse(text)
  return typeof uri === 'string' && uri.startsWith('/') ? text : null
}

/** The string in a member of the event's data, as the JSON text its producer wrote. */
function findText(data: string, name: string): string | null {
  const text = memberText(data, rootOffset(data), name)
  return text?.startsWith('"') ? text : null
}
