// Custom headers on the wire: answers show which there are and mask what they say.

import { z } from 'zod'
import { plainRecord } from '../../engine/intake/event-input.ts'
import type { Header } from '../../engine/model/index.ts'
import { valuesByName } from '../../http/header-lines.ts'
import { MASK } from '../../primitives/mask.ts'

export const HEADERS_MEANING = `The values of each header; every value is sent as its own header line. "${MASK}" keeps the stored value.`

export const HeadersInput = plainRecord(
  z.record(
    z.string(),
    z.union([z.string(), z.array(z.string()).min(1)], {
      error: 'Expected a string or a list of strings.',
    }),
  ),
)
export type HeadersInput = z.infer<typeof HeadersInput>

export const HeadersResponse = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .meta({ description: `The custom headers. Their values are secret and shown as "${MASK}".` })
export type HeadersResponse = z.infer<typeof HeadersResponse>

/** Which headers there are, values masked. */
export function toHeadersResponse(headers: readonly Header[]): HeadersResponse {
  return Object.fromEntries(
    valuesByName(headers).map(([name, { length }]) => [
      name,
      length === 1 ? MASK : Array<string>(length).fill(MASK),
    ]),
  )
}
