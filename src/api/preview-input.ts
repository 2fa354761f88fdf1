// What is asked about expressions: the data of an event that is given is read as it was written.

import { readText } from '../http/body.ts'
import { body } from '../http/input.ts'
import { PUBLISH } from '../limits.ts'
import { memberText, parseStrictJson, rootOffset } from '../primitives/json-text.ts'
import { validate } from '../primitives/validate.ts'
import { PreviewExpressions } from './schema/expression.ts'

const content = { 'application/json': { schema: PreviewExpressions } }

export type AskedPreview = ReturnType<typeof PreviewExpressions.parse> & {
  /** Of the event, as it was written. */
  readonly data: string
}

async function readPreview(request: Request): Promise<AskedPreview> {
  const text = await readText(request, PUBLISH.eventBytes)
  const given = validate(PreviewExpressions, parseStrictJson(text, { members: PUBLISH.members }))
  const event = memberText(text, rootOffset(text), 'event') ?? '{}'
  return { ...given, data: memberText(event, rootOffset(event), 'data') ?? '{}' }
}

export const previewInput = body(true, content, readPreview)
