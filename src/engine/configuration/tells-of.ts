// Whether a dead letter tells of what is erased. It could not be processed, so that nobody can say for certain what stands in it: what
// looks like it is erased, too.

import { DEAD_LETTER } from '../../tuning.ts'
import type { ErasureRequest } from '../model/index.ts'

/** `names`: what the tenant is called in messages. A body that was cut may have lost that. */
export function tellsOf(body: string, names: readonly string[], request: ErasureRequest): boolean {
  const text = plain(body)
  const has = (value: string) => text.includes(value)
  if ('eventIds' in request) return request.eventIds.some(has)
  const isOfTenant = body.length >= DEAD_LETTER.bodyChars || names.some(has)
  const written = Object.entries(request.scope).flat()
  return isOfTenant && written.every((value) => has(JSON.stringify(value)))
}

/** JSON has several ways to write a character: here it has the one of `JSON.stringify`. */
function plain(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch {
    return body
  }
}
