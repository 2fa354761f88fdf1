// `WebHook-Allowed-Rate`: requests a minute that a receiver takes, or `*` for as many as there are (CloudEvents, "HTTP 1.1 Web Hooks for
// Event Delivery" 1.0.2, section 4.2).

import { RATE_LIMITS } from '../../limits.ts'

/** Requests a minute; null: as many as there are, or more than are counted. Undefined: there is no such header, or it says nothing. */
export function parseAllowedRate(value: string | null): number | null | undefined {
  const text = value?.trim() ?? ''
  if (text === '*') return null
  if (!/^\d{1,15}$/.test(text) || Number(text) === 0) return undefined
  const perMinute = Number(text)
  return perMinute > RATE_LIMITS.perMinute ? null : perMinute
}
