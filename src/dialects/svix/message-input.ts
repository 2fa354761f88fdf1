// A message as it is sent: what it says, and its payload as it is written.

import { z } from 'zod'
import { checkSizes } from '../../engine/intake/parse.ts'
import { readText } from '../../http/body.ts'
import type { Input } from '../../http/input.ts'
import { readQuery } from '../../http/query.ts'
import { readIdempotencyKey } from '../../http/repeatable.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { PUBLISH } from '../../limits.ts'
import { sha256Hex } from '../../primitives/digest.ts'
import { memberText, parseStrictJson, rootOffset } from '../../primitives/json-text.ts'
import { validate } from '../../primitives/validate.ts'
import { MessageIn, WithContent } from './schema/message.ts'

export const ContentQuery = z.object({ with_content: WithContent })

/** A message, the text that it came as, and its payload as it is written there. */
export const messageInput: Input<{
  readonly asked: z.output<typeof ContentQuery>
  readonly body: MessageIn
  readonly text: string
  readonly payload: string
}> = {
  read: async (request) => {
    const asked = readQuery(request.url, ContentQuery)
    const text = await readText(request, PUBLISH.requestBytes)
    const body = validate(MessageIn, parseStrictJson(text, { members: PUBLISH.members }))
    checkSizes([text.trim()], () => [])
    return { asked, body, text, payload: memberText(text, rootOffset(text), 'payload') ?? '{}' }
  },
  described: {
    query: ContentQuery,
    body: { content: { 'application/json': { schema: MessageIn } }, required: true },
    errors: ['malformed', 'invalid', 'too_large'],
  },
}

/** What makes repeating the request harmless, which the event log remembers; undefined where it has no key. */
export async function idempotencyOf(
  c: SurfaceContext,
  text: string,
): Promise<{ readonly key: string; readonly contentHash: string } | undefined> {
  const key = readIdempotencyKey(c)
  if (key === undefined) return undefined
  return { key: `msg/${key}`, contentHash: await sha256Hex(text) }
}
