// Events as CloudEvents 1.0, for webhooks whose `format` says so: JSON format 1.0.2 (github.com/cloudevents/spec,
// cloudevents/formats/json-format.md) and the HTTP protocol binding (github.com/cloudevents/spec, cloudevents/bindings/http-protocol-binding.md). What came as one
// has the attributes that it came with; what did not gets those that it would have had.

import type { CloudEventAttributes, Event, Format, Webhook } from '../engine/model/index.ts'
import type { WireBody } from '../engine/ports/index.ts'
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE } from './cloud-events.ts'

/** What stands for the data of an event: its own, or what an expression made of it. `contentType` absent: it is JSON. */
type EventData = Omit<WireBody, 'headers'>

/** An event of a webhook with a format. */
export function encodeCloudEvent(
  event: Event,
  { tenantId }: Pick<Webhook, 'tenantId'>,
  data: EventData,
  format: Format,
): WireBody {
  return format === 'cloudevents'
    ? {
        headers: [],
        body: toStructured(event, tenantId, data),
        contentType: `${CLOUD_EVENT_TYPE}; charset=utf-8`,
      }
    : toBinary(event, tenantId, data)
}

/** Several in one body; each is written by `toStructured`. */
export function batchOfCloudEvents(parts: readonly string[]): EventData {
  return {
    body: `[${parts.join(',')}]`,
    contentType: `${CLOUD_EVENT_BATCH_TYPE}; charset=utf-8`,
  }
}

/** The whole event as JSON: put together as text, so that `data` reaches the receiver as the producer wrote it. */
export function toStructured(
  event: Event,
  tenantId: string,
  { body, contentType }: EventData,
): string {
  const attributes = attributesOf(event, tenantId)
  const { datacontenttype: _, ...others } = attributes
  // Section 3.1.1: what is no JSON is a string of it.
  const written =
    contentType === undefined ? attributes : { ...others, datacontenttype: contentType }
  const data = contentType === undefined ? body : JSON.stringify(body)
  return `${JSON.stringify(written).slice(0, -1)},"data":${data}}`
}

/** Section 3.1 of the binding: each attribute is a header, and the body is the data. */
function toBinary(event: Event, tenantId: string, { body, contentType }: EventData): WireBody {
  const { datacontenttype, ...attributes } = attributesOf(event, tenantId)
  const headers = Object.entries(attributes).map(
    ([name, value]) => [`ce-${name}`, percentEncoded(String(value))] as const,
  )
  return { headers, isOpen: true, body, contentType: contentType ?? String(datacontenttype) }
}

/** All attributes of an event, in the order in which the specification tells of them. */
function attributesOf(
  { id, type, time, cloudEvent, trace }: Event,
  tenantId: string,
): CloudEventAttributes {
  const usual = { datacontenttype: 'application/json' }
  if (cloudEvent !== undefined) {
    return { specversion: '1.0', type, ...usual, ...cloudEvent }
  }
  const { traceparent, tracestate } = trace ?? {}
  return {
    ...{ specversion: '1.0', id, source: sourceOf(tenantId), type, time, ...usual },
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
  }
}

/** Where an event comes from that did not say so: with its id it names the event, whichever deployment sends it. */
function sourceOf(tenantId: string): string {
  return `urn:hookline:tenant:${tenantId}`
}

/** Section 3.1.3.2 of the binding: what is not printable ASCII, and space, `"` and `%`, as the bytes of UTF-8. */
function percentEncoded(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\x21\x23\x24\x26-\x7e]+/gu, (part) =>
      [...new TextEncoder().encode(part)]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    )
}
