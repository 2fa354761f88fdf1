// Fields that several resources have in common.

import { z } from 'zod'
import { checkHeader } from '../../engine/attempt/header-policy.ts'
import { EXPRESSION, REQUEST_EXPRESSIONS, SECRET_VALUES } from '../../engine/expressions/bounds.ts'
import {
  compileExpression,
  describeFlaw,
  describeSecret,
} from '../../engine/expressions/compile.ts'
import { plainRecord, text } from '../../engine/intake/event-input.ts'
import { PULLING } from '../../engine/model/index.ts'
import { idCursorOf, Limit } from '../../http/pagination.ts'
import { asInteger } from '../../http/query.ts'
import { TENANT } from '../../limits.ts'
import type { Cursors } from '../../primitives/cursor.ts'
import { byteLength } from '../../primitives/framed-json.ts'
import { TAIL } from '../../tuning.ts'

/** An id in an answer. */
export const idField = (what: string) =>
  z.string().meta({ format: 'uuid', description: `The id of the ${what}.` })

/** A time in an answer: RFC 3339 UTC with milliseconds. */
export const timeField = (description: string) =>
  z.string().meta({ format: 'date-time', example: '2026-11-22T10:00:00.000Z', description })

/** The same, or null. */
export const timeOrNull = (description: string) =>
  z
    .string()
    .meta({ format: 'date-time', example: '2026-11-22T10:00:00.000Z' })
    .nullable()
    .meta({ description })

/** A page of a list in an answer. */
export function listOf<T>(
  item: z.ZodType<T>,
): z.ZodType<{ items: T[]; nextCursor: string | null }> {
  return z.object({
    items: z.array(item).meta({ description: 'The items of this page.' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'The `cursor` of the next page; null if this is the last one.' }),
  })
}

/** A whole number between two, whatever else stands in its place. */
export function wholeNumber(least: number, most: number): z.ZodNumber {
  const [from, to] = [least, most].map((bound) => bound.toLocaleString('en'))
  const error = `Expected a whole number from ${from} to ${to}.`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** Whether a webhook is in service. */
export const ShownStatus = z.enum(['active', 'disabled', 'suspended']).meta({
  description: '`disabled` by its owner, or `suspended` because deliveries kept failing.',
})

/** How many were sent on their way. */
export const Queued = z
  .object({ queued: z.int().meta({ description: 'The number of webhooks the event is sent to.' }) })
  .meta({ id: 'Queued' })

/** Query of a list in order of ids. */
export function idPageQuery(cursors: Cursors) {
  return z.object({ limit: Limit, cursor: idCursorOf(cursors).optional() })
}

/** What callers note of tenants and webhooks: texts by name. */
export const MetadataInput = plainRecord(
  z.record(text(0, TENANT.metadataBytes), text(0, TENANT.metadataBytes)),
)
  .refine(
    (metadata) => byteLength(JSON.stringify(metadata)) <= TENANT.metadataBytes,
    `At most ${TENANT.metadataBytes} bytes of JSON are allowed.`,
  )
  .meta({ additionalProperties: { type: 'string' } })

/** An expression in JSONata on an event; what is wrong with one is told with its place. */
export const ExpressionText = z
  .string()
  .min(1)
  .max(EXPRESSION.chars)
  .superRefine((source, context) => {
    const compiled = compileExpression(source)
    if (compiled.kind === 'expression') return
    context.addIssue({ code: 'custom', message: describeFlaw(compiled.flaw) })
  })

/** The same, without secrets, which whoever reads the events of a webhook could find out, or which there are none of. */
const withoutSecrets = (what: string) =>
  ExpressionText.superRefine((source, context) => {
    const compiled = compileExpression(source)
    const message = compiled.kind === 'expression' ? describeSecret(compiled, what) : null
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

export const FilterText = withoutSecrets('a filter')
export const OrderKeyText = withoutSecrets('an order key')
export const ConversionText = withoutSecrets('a conversion')

const { headers, query, nameChars } = REQUEST_EXPRESSIONS

/** Expressions by the names of headers. */
export const HeaderExpressions = plainRecord(z.record(z.string(), ExpressionText)).superRefine(
  (expressions, context) => {
    const names = Object.keys(expressions)
    if (names.length > headers) {
      context.addIssue({ code: 'custom', message: `Expected at most ${headers} headers.` })
    }
    const lower = names.map((name) => name.toLowerCase())
    for (const [index, name] of names.entries()) {
      const isTwice = lower.indexOf(name.toLowerCase()) < index
      const twice = 'This header is given more than once. Header names are case-insensitive.'
      const message = isTwice ? twice : checkHeader(name, '')
      if (message !== null) context.addIssue({ code: 'custom', path: [name], message })
    }
  },
)

/** Expressions by the names of a URL's parameters. */
export const QueryExpressions = plainRecord(
  z.record(z.string().min(1).max(nameChars), ExpressionText),
).refine((expressions) => Object.keys(expressions).length <= query, {
  message: `Expected at most ${query} parameters.`,
})

/** Secret texts by the names that expressions ask for them by. */
export const SecretValuesInput = plainRecord(
  z.record(
    z.string().min(1).max(SECRET_VALUES.nameChars),
    z.string().min(1).max(SECRET_VALUES.valueChars),
  ),
).refine((values) => Object.keys(values).length <= SECRET_VALUES.most, {
  message: `Expected at most ${SECRET_VALUES.most} values.`,
})

/** How long a stream lasts. */
export const StreamSeconds = z
  .string()
  .regex(/^\d{1,4}$/, 'Expected an integer.')
  .transform(Number)
  .pipe(z.int().min(1).max(TAIL.streamSeconds))
  .default(TAIL.streamSeconds)
  .meta(
    asInteger({
      ...{ minimum: 1, maximum: TAIL.streamSeconds, default: TAIL.streamSeconds },
      description: 'How long a stream lasts, in seconds.',
    }),
  )

export const IDLE_MEANING =
  'Seconds after which the pull webhook is deleted when nobody has pulled it, by the next hourly sweep. Null: never.'
export const IdleSeconds = z.int().min(PULLING.idleSeconds.min).max(PULLING.idleSeconds.max)
