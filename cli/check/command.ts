// What `hookline check URL` is asked, read before anything is sent.

import { RUN_DEFAULTS, type RunOptions } from './run.ts'
import { readSecret } from './signing.ts'

export interface CheckFlags {
  readonly type?: string
  readonly data?: string
  readonly observe?: string
  readonly yesIOwnIt?: boolean
}

/** Where nobody else's receiver is. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/

/** What to run; a sentence where it cannot be done. */
export function readCheck(
  given: string,
  flags: CheckFlags,
  secretText: string | undefined,
): RunOptions | string {
  const url = toUrl(given)
  if (url === null) return 'The URL must be one of http or https.'
  const observe = flags.observe === undefined ? null : toUrl(flags.observe)
  if (flags.observe !== undefined && observe === null)
    return '--observe must be a URL of http or https.'
  const foreign = [url, observe].find((one) => one !== null && !LOOPBACK.test(one.hostname))
  if (foreign && flags.yesIOwnIt !== true)
    return `${foreign.hostname} is not this machine. If it is yours to check, say --yes-i-own-it.`
  if (!secretText) return 'HOOKLINE_CHECK_SECRET is missing: the whsec_… secret of the receiver.'
  const secret = readSecret(secretText)
  if (secret === null) return 'HOOKLINE_CHECK_SECRET must be "whsec_" and base64 of 24 to 64 bytes.'
  const { type = RUN_DEFAULTS.type, data = RUN_DEFAULTS.data } = flags
  if (!isObject(data)) return '--data must be a JSON object.'
  return { ...RUN_DEFAULTS, url, observe, secret, type, data }
}

function toUrl(text: string): URL | null {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) ? url : null
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
