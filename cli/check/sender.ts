// What a check sends: requests as Hookline makes them, and with one thing changed.

import { randomUUID } from 'node:crypto'
import { type Secret, type Signed, signatureOf } from './signing.ts'

/** A request that is to be sent. */
export interface Outgoing extends Signed {
  readonly method: 'POST' | 'GET'
  readonly headers: Readonly<Record<string, string>>
  /** What goes over the wire; of a signed text its UTF-8. */
  readonly bytes: Buffer
  /** The body comes in two parts, the second one `ms` after the first, which has so many bytes. */
  readonly pause?: { readonly afterBytes: number; readonly ms: number }
}

export interface SenderOptions {
  readonly secret: Secret
  /** The type of the events, which the receiver is to know. */
  readonly type: string
  /** Their data: an object of JSON, as text. */
  readonly data: string
  /** How long a slow body pauses. */
  readonly slowBodyMs: number
}

/** What is changed of a request. */
export interface Change {
  readonly id?: string
  /** How old the timestamp is; negative for one of the future. */
  readonly ageSeconds?: number
  readonly timestamp?: string
  readonly body?: string
  /** What is sent instead of the body that was signed. */
  readonly bytes?: Buffer
  /** The header, of the right signature. */
  readonly signature?: (right: string, signed: Signed) => string
  readonly headers?: Readonly<Record<string, string>>
  /** Headers that are left out. */
  readonly without?: readonly string[]
  readonly pause?: Outgoing['pause']
  /** Which signature it is to have, by trying ids. */
  readonly signatureLike?: RegExp
}

export type Sender = ReturnType<typeof createSender>

export function createSender({ secret, type, data, slowBodyMs }: SenderOptions) {
  /** The body of an event: a type, a time, and data with one member more, as JSON text. */
  function event({ of = type, ageSeconds = 0, member = '' } = {}): string {
    const time = new Date(Date.now() - ageSeconds * 1_000).toISOString()
    return `{"type":${JSON.stringify(of)},"timestamp":"${time}","data":${withMember(data, member)}}`
  }

  function request(change: Change = {}): Outgoing {
    const {
      ageSeconds = 0,
      body = event(),
      signatureLike,
      signature = (right) => `v1,${right}`,
    } = change
    const timestamp = change.timestamp ?? String(Math.floor(Date.now() / 1_000) - ageSeconds)
    const signedAs = (id: string) => {
      const signed = { id, timestamp, body }
      return { signed, right: signatureOf(secret, signed) }
    }
    let { signed, right } = signedAs(change.id ?? newId())
    while (signatureLike?.test(right) === false) ({ signed, right } = signedAs(newId()))
    const bytes = change.bytes ?? Buffer.from(body)
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'Hookline-check',
      'webhook-id': signed.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature(right, signed),
      ...change.headers,
    }
    for (const name of change.without ?? []) delete headers[name]
    return {
      ...signed,
      method: 'POST',
      headers,
      bytes,
      ...(change.pause === undefined ? {} : { pause: change.pause }),
    }
  }

  return { secret, data, slowBodyMs, event, request, first: request({ signatureLike: /^[^+/]+$/ }) }
}

/** One that nobody has seen. */
function newId(): string {
  return `check_${randomUUID()}`
}

/** The text of a JSON object with one member more in front. */
function withMember(object: string, member: string): string {
  if (member === '') return object
  const rest = object.trim().slice(1).trimStart()
  return `{"hookline_check":${member}${rest.startsWith('}') ? '' : ','}${rest}`
}
