// Whether a dead letter tells of what is erased. It could not be processed, so that nobody can say for certain what stands in it: what
// looks like it is erased, too.

import { DEAD_LETTER } from '../../tuning.ts'
import type { ErasureRequest } from '../model/index.ts'
import type { TenantName } from '../ports/index.ts'

/** `names`: what the tenant is called in messages. A body that was cut may have lost that, and one that names none may be anybody's. */
export function tellsOf(body: string, names: readonly string[], request: ErasureRequest): boolean {
  const text = plain(body)
  const has = (value: string) => text.includes(value)
  if ('eventIds' in request) return request.eventIds.some(has)
  // Ids are taken in either case.
  const inLowerCase = text.toLowerCase()
  const isOfTenant =
    body.length >= DEAD_LETTER.bodyChars ||
    tenantNamedIn(body) === null ||
    names.some((name) => inLowerCase.includes(name.toLowerCase()))
  const written = Object.entries(request.scope).flat()
  return isOfTenant && written.every((value) => formsOf(value).some(has))
}

/** What a tenant was called in messages that were sent then (Unix milliseconds). */
export function namesAt(names: readonly TenantName[], sentAt: number): readonly string[] {
  const meant = names.filter(
    ({ after, until }) => (after === null || sentAt > after) && (until === null || sentAt <= until),
  )
  return meant.map(({ name }) => name)
}

/** Whether a dead letter names a tenant that is called so. */
export function isNamedIn(body: string, tenantId: string, names: readonly string[]): boolean {
  const text = plain(body)
  // Ids are taken in either case.
  const inLowerCase = text.toLowerCase()
  return names.some((name) =>
    (name === tenantId ? inLowerCase : text).includes(JSON.stringify(name)),
  )
}

/** As text, and where it is one as a number, which a scope may not have: such a message is a dead letter for that. */
function formsOf(value: string): readonly string[] {
  const quoted = JSON.stringify(value)
  return /^-?\d+(?:\.\d+)?$|^true$|^false$/.test(value) ? [quoted, value] : [quoted]
}

/** What a message calls its tenant, whoever that is; null where it does not say. */
export function tenantNamedIn(body: string): string | null {
  try {
    const { tenantId } = JSON.parse(body)
    return typeof tenantId === 'string' ? tenantId : null
  } catch {
    // A frame, in which it comes first; or what was to be JSON.
    return /"tenantId"\s*:\s*"([^"\\]*)"/.exec(plain(body))?.[1] ?? null
  }
}

/** JSON has several ways to write a character: here it has the one of `JSON.stringify`. */
export function plain(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch {
    const character = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16))
    return body.replaceAll(/\\u([\da-f]{4})/gi, character).replaceAll('\\/', '/')
  }
}
