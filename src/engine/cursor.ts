// Opaque cursors: a position as base64url of its JSON.

import type { Json } from './model.ts'

/** The cursor of a position. */
export function toCursor(position: Json): string {
  const bytes = new TextEncoder().encode(JSON.stringify(position))
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** What a cursor says; undefined for a text that `toCursor` did not write. Whose position it is, a schema tells. */
export function readCursor(cursor: string): unknown {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: 'base64url' })
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
