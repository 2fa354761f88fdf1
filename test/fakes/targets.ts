// Which targets there are in memory: all, but for hosts that the test forbids and names that it resolves otherwise.

import type { CheckAddresses, CheckTarget } from '../../src/engine/ports/index.ts'
import { EngineError } from '../../src/errors.ts'
import type { Names } from '../contracts/targets.ts'

export function createMemoryTargetCheck(forbidden: readonly string[] = []): CheckTarget {
  return (text) => {
    const host = URL.parse(text)?.hostname
    if (host === undefined) return 'A target must be a URL.'
    return forbidden.includes(host) ? `The host ${host} cannot be a target.` : null
  }
}

/** A name that is not among them resolves to a public address. */
export function createMemoryAddressCheck(names: Names = {}): CheckAddresses {
  return async (url) => {
    const host = new URL(url).hostname
    const addresses = names[host] ?? ['8.8.8.8']
    if (addresses === 'down') {
      const message = `The addresses of the host ${host} cannot be looked up.`
      throw new EngineError('unavailable', message, { retryAfterSeconds: 5 })
    }
    const isPublic = (address: string) => !address.startsWith('10.')
    if (addresses.length > 0 && addresses.every(isPublic)) return null
    return `The addresses of the host ${host} cannot be a target.`
  }
}
