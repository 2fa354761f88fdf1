// Ids as surfaces show them: one 128-bit id, as a UUID or as a ULID (docs/contracts/README.md, "Ids"). Inside Hookline
// an id is always the UUID in lower case.

import { ULID_REGEX, ulidToUUID, uuidToULID } from 'ulidx'
import { validate } from 'uuid'
import { notFound } from '../errors.ts'

/** Whether a text has the form of a UUID, in either case. */
export function isUuid(text: string): boolean {
  return validate(text)
}

/** The id in a UUID from a caller. Throws `not_found`: what is not an id is the id of nothing. */
export function parseUuid(text: string, what = 'webhook'): string {
  if (!isUuid(text)) throw notFound(what)
  return text.toLowerCase()
}

/** The id in a ULID from a caller, in either case. Throws `not_found`: what is not an id is the id of nothing. */
export function parseUlid(text: string, what = 'webhook'): string {
  if (!ULID_REGEX.test(text)) throw notFound(what)
  return ulidToUuid(text)
}

/** The same 128 bits as a ULID, in upper case. */
export function uuidToUlid(uuid: string): string {
  return uuidToULID(uuid)
}

/** The same 128 bits as a UUID, in lower case. */
export function ulidToUuid(ulid: string): string {
  return ulidToUUID(ulid)
}
