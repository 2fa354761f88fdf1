// What a target's host resolves to, asked of a DNS-over-HTTPS resolver when a webhook is configured (DNS_CHECK_URL).
// The same policy judges the addresses as if they had been written into the URL. A name may resolve to something else
// afterwards: SECURITY.md says what the check is worth.

import { z } from 'zod'
import type { CheckAddresses } from '../../engine/ports/index.ts'
import { EngineError } from '../../errors.ts'
import { TARGET } from '../../limits.ts'
import { Deadline, EXPIRED } from '../deadline.ts'
import { readBounded } from '../outgoing/response-body.ts'
import { findPrivacy } from './private-host.ts'

/** Record types (RFC 1035, section 3.2.2; RFC 3596, section 2.1). */
const QUESTIONS = ['A', 'AAAA'] as const
const ADDRESS_TYPES: ReadonlySet<number> = new Set([1, 28])

/** Response codes (RFC 1035, section 4.1.1): an answer, and a name that does not exist. */
const NO_ERROR = 0
const NAME_ERROR = 3

/** developers.cloudflare.com/1.1.1.1, "Using JSON"; Google's resolver answers alike. CNAMEs are among the answers. */
const Answer = z.object({
  Status: z.int(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]),
})

export interface AddressCheckOptions {
  /** The resolver, such as `https://cloudflare-dns.com/dns-query`. */
  readonly resolverUrl: string
  /** The runtime's `fetch` unless given. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/**
 * A `CheckAddresses`. Every address of the host must be public, and there must be one. Throws `unavailable` when the
 * resolver does not answer in time or not sensibly: a target that nobody could judge is not stored.
 */
export function createAddressCheck({
  resolverUrl,
  fetch: get = (url, init) => fetch(url, init),
}: AddressCheckOptions): CheckAddresses {
  async function ask(name: string, type: string, deadline: Deadline): Promise<readonly string[]> {
    const url = new URL(resolverUrl)
    url.searchParams.set('name', name)
    url.searchParams.set('type', type)
    const response = await get(url.href, {
      headers: { accept: 'application/dns-json' },
      redirect: 'manual',
      signal: deadline.signal,
    })
    const text = await readBounded(response.body, TARGET.lookUpBytes)
    if (!response.ok) throw new Error(`The resolver responded with status ${response.status}.`)
    const { Status: status, Answer: records } = Answer.parse(JSON.parse(text))
    if (status !== NO_ERROR && status !== NAME_ERROR) {
      throw new Error(`The resolver responded with response code ${status}.`)
    }
    return records.filter((record) => ADDRESS_TYPES.has(record.type)).map(({ data }) => data)
  }

  async function lookUp(name: string): Promise<readonly string[]> {
    const deadline = new Deadline(TARGET.lookUpMs)
    try {
      const asked = QUESTIONS.map((type) => ask(name, type, deadline))
      const answers = await deadline.within(Promise.all(asked))
      if (answers === EXPIRED) throw new Error(`No response within ${TARGET.lookUpMs} ms.`)
      return answers.flat()
    } catch (cause) {
      throw new EngineError(
        'unavailable',
        `The addresses of the host ${name} cannot be looked up at the moment. Try again later.`,
        { retryAfterSeconds: TARGET.lookUpRetryAfterSeconds, cause },
      )
    } finally {
      deadline.clear()
    }
  }

  return async (url) => {
    const host = new URL(url).hostname
    if (isAddress(host)) return null
    const addresses = await lookUp(host)
    if (addresses.length === 0) {
      return `The host ${host} does not resolve to an address and cannot be a target.`
    }
    for (const address of addresses) {
      const privacy = findPrivacyOfAddress(address)
      if (privacy !== null) {
        return `The host ${host} resolves to ${privacy} and cannot be a target.`
      }
    }
    return null
  }
}

/** Whether a canonical host is an address, which check-target.ts has judged. */
function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[\d.]+$/.test(host)
}

/** An address as a resolver writes it, judged as a host; what is none is no public address either. */
function findPrivacyOfAddress(address: string): string | null {
  const host = URL.parse(address.includes(':') ? `http://[${address}]` : `http://${address}`)
  if (host === null || !isAddress(host.hostname)) return 'something that is not an address'
  return findPrivacy(host.hostname)
}
