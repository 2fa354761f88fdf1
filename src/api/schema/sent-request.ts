// The request of an attempt on the wire: secrets masked, and a command that sends it again.

import { z } from 'zod'
import type { SentRequest } from '../../engine/index.ts'
import { Uuid } from '../../engine/intake/event-input.ts'
import { MASK } from '../../primitives/mask.ts'
import { formatTimeOrNull } from '../../primitives/time.ts'
import { timeOrNull } from './fields.ts'

export const SentRequestQuery = z.object({
  eventId: Uuid.meta({ description: 'The event of the attempt.' }),
})

export const SentRequestResponse = z
  .object({
    method: z.literal('POST').meta({ description: 'The method of the request.' }),
    url: z.string().meta({ description: 'Where it was sent.' }),
    headers: z
      .array(
        z.object({
          name: z.string().meta({ description: 'The name of the header.' }),
          value: z.string().meta({
            description: `Its value, or "${MASK}": of custom headers and the secrets of a surface, and to keys without the permission \`webhooks:write\` of signatures.`,
          }),
        }),
      )
      .meta({ description: 'The headers in the order in which they are sent.' }),
    body: z.string().meta({ description: 'The body, byte for byte.' }),
    curl: z.string().meta({
      description: `A command that sends the same again with the present time, signed for keys with the permission \`webhooks:write\`. Masked values stand in it as "${MASK}", to be filled in.`,
    }),
    signed: z.boolean().meta({
      description: 'Whether the headers and the command show a signature.',
    }),
    webhookChangedAt: timeOrNull(
      'When the webhook was last changed, if that was after the attempt: then this is what it would send now, which may differ from what was sent. Otherwise null.',
    ),
  })
  .meta({ id: 'SentRequest' })
export type SentRequestResponse = z.infer<typeof SentRequestResponse>

/** `showsSignatures`: the caller may have the webhook sign. */
export function toSentRequestResponse(
  { asSent, asSentNow, webhookChangedAt }: SentRequest,
  showsSignatures: boolean,
): SentRequestResponse {
  const shown = ({ headers }: SentRequest['asSent']) =>
    headers.map(({ name, value, kind }) => {
      const isShown = kind === 'open' || (kind === 'signature' && showsSignatures)
      return { name, value: isShown ? value : MASK }
    })
  return {
    method: 'POST',
    url: asSent.url,
    headers: shown(asSent),
    body: asSent.body,
    curl: toCurl({ ...asSentNow, headers: shown(asSentNow) }),
    signed: showsSignatures && asSent.headers.some(({ kind }) => kind === 'signature'),
    webhookChangedAt: formatTimeOrNull(webhookChangedAt),
  }
}

/** A command for a POSIX shell. A body that begins with `@` is none of curl's files. */
function toCurl({
  url,
  headers,
  body,
}: Pick<SentRequestResponse, 'url' | 'headers' | 'body'>): string {
  const lines = headers.map(({ name, value }) => `-H ${quoted(`${name}: ${value}`)}`)
  return [`curl -i ${quoted(url)}`, ...lines, `--data-raw ${quoted(body)}`].join(' \\\n  ')
}

/** As one word of a shell, whatever it says. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
