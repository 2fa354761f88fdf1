// Receivers in memory that are asked whether they want to be sent to (docs/contracts/delivery.md, "Verification"): at once, and apart
// from what else they do.

import type { Outcome } from '../../src/engine/model/index.ts'
import type { OutgoingRequest } from '../../src/engine/ports/index.ts'
import { failure } from './send.ts'

/** What a receiver says when it is asked; `down`: it fails. */
export type Agreement = 'yes' | 'no' | 'down'

const ANSWERED = { kind: 'delivered', statusCode: 200, durationMs: 20 } as const

export class Handshakes {
  /** By their URLs; others agree. */
  readonly agreements = new Map<string, Agreement>()
  /** Who was asked when, by the true time. */
  readonly asked: { readonly url: string; readonly at: number }[] = []
  private readonly host: string

  /** `host`: who asks. */
  constructor(host: string) {
    this.host = host
  }

  agreementOf(url: string): Agreement {
    return this.agreements.get(url) ?? 'yes'
  }

  answer({ url, method, body }: OutgoingRequest, at: number): Outcome {
    this.asked.push({ url, at })
    const agreement = this.agreementOf(url)
    if (agreement === 'down') return failure(500)
    if (agreement === 'no') return { ...ANSWERED, responseExcerpt: '' }
    if (method === 'OPTIONS') return { ...ANSWERED, allowedOrigin: this.host }
    return { ...ANSWERED, responseExcerpt: JSON.parse(body).challenge }
  }
}

/** Whether a request asks its receiver, and carries no event. */
export function isHandshake({ method, body }: OutgoingRequest): boolean {
  return method === 'OPTIONS' || body.startsWith('{"type":"webhook.verification"')
}
