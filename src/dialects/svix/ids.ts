// Ids as Svix shows them: a prefix and 27 letters and digits, which carry the same 128 bits as a UUID
// (docs/contracts/svix.md). Both forms are taken.

import { isUuid } from '../../http/ids.ts'

/** In the order of their code units, so that ids are in the order of time here, too. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = BigInt(DIGITS.length)
const CHARS = 27
const MOST = 2n ** 128n - 1n

type IdPrefix = 'app' | 'ep' | 'msg' | 'atmpt'

/** A UUID as an id of Svix. */
export function toSvixId(prefix: IdPrefix, uuid: string): string {
  return `${prefix}_${toDigits(uuid)}`
}

/** The UUID in an id of Svix, or in a UUID, in lower case; null for any other text. */
export function fromSvixId(prefix: IdPrefix, text: string): string | null {
  if (isUuid(text)) return text.toLowerCase()
  return text.startsWith(`${prefix}_`) ? fromDigits(text.slice(prefix.length + 1)) : null
}

/** The id of a background task, which names the application that has it: `qtask_` and both. */
export function toTaskId(tenantId: string, jobId: string): string {
  return `qtask_${toDigits(tenantId)}${toDigits(jobId)}`
}

/** What `toTaskId` wrote; null for any other text. */
export function fromTaskId(
  text: string,
): { readonly tenantId: string; readonly jobId: string } | null {
  const [, tenant = '', job = ''] = /^qtask_(\w{27})(\w{27})$/.exec(text) ?? []
  const [tenantId, jobId] = [fromDigits(tenant), fromDigits(job)]
  return tenantId === null || jobId === null ? null : { tenantId, jobId }
}

function toDigits(uuid: string): string {
  let rest = BigInt(`0x${uuid.replaceAll('-', '')}`)
  let text = ''
  while (rest > 0n) {
    text = `${DIGITS[Number(rest % BASE)]}${text}`
    rest /= BASE
  }
  return text.padStart(CHARS, '0')
}

function fromDigits(text: string): string | null {
  if (text.length !== CHARS || !/^[0-9A-Za-z]+$/.test(text)) return null
  let value = 0n
  for (const digit of text) value = value * BASE + BigInt(DIGITS.indexOf(digit))
  if (value > MOST) return null
  const hex = value.toString(16).padStart(32, '0')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
