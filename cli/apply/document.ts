// What a deployment shall have, as a file says it (docs/as-code.md). In: YAML; out: tenants, event types and webhooks with the fields that
// the API takes, values of the environment in their places. Next: plan.ts.

import { parseDocument } from 'yaml'
import { z } from 'zod'
import { describe, EXIT, Failure } from '../failure.ts'

export type Fields = Readonly<Record<string, unknown>>

const Named = z.string().min(1)
/** Whatever the API takes; it says itself what is wrong. */
const WantedWebhook = z.looseObject({ uid: Named })
const WantedTenant = z.looseObject({ uid: Named, webhooks: z.array(WantedWebhook).optional() })
const WantedType = z.looseObject({ name: Named })

const Wanted = z.strictObject({
  eventTypes: z.array(WantedType).optional(),
  /** With an operator key. */
  tenants: z.array(WantedTenant).optional(),
  /** Of the tenant whose key is used. */
  webhooks: z.array(WantedWebhook).optional(),
})
export type Wanted = z.output<typeof Wanted>

/** Reads a file's text. Throws `Failure`, which names the place. */
export function readDocument(
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Wanted {
  const missing: string[] = []
  const filled = fill(parse(text, file) ?? {}, [], environment, missing)
  if (missing.length > 0) throw wrong(file, `${missing.join(', ')} of the environment is not set.`)
  const result = Wanted.safeParse(filled)
  if (!result.success) {
    const [issue] = result.error.issues
    throw wrong(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
  }
  const twice = namedTwice(result.data)
  if (twice !== null) throw wrong(file, `${twice} stands there twice.`)
  return result.data
}

/** With what stands at its anchors in their places, `<<` among them. */
function parse(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true, merge: true })
  const [flaw] = document.errors
  if (flaw) throw wrong(file, flaw.message)
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // An alias of nothing, or so many that what they come to has no end.
    throw wrong(file, describe(error))
  }
}

function wrong(file: string, why: string): Failure {
  return new Failure(`${file}: ${why}`, EXIT.usage)
}

/** With `{ $env: NAME }` replaced by what the environment has under that name. */
function fill(
  value: unknown,
  path: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  missing: string[],
): unknown {
  if (Array.isArray(value)) {
    return value.map((item, at) => fill(item, [...path, String(at)], environment, missing))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (only?.[0] === '$env' && entries.length === 1 && path[0] !== 'eventTypes') {
    const found = environment[String(only[1])]
    if (found === undefined) missing.push(String(only[1]))
    return found
  }
  return Object.fromEntries(
    entries.map(([name, one]) => [name, fill(one, [...path, name], environment, missing)]),
  )
}

/** What stands there more than once; null: nothing. */
function namedTwice({ eventTypes = [], tenants = [], webhooks = [] }: Wanted): string | null {
  const lists = [
    eventTypes.map(({ name }) => `the event type ${name}`),
    tenants.map(({ uid }) => `the tenant ${uid}`),
    webhooks.map(({ uid }) => `the webhook ${uid}`),
    ...tenants.map(({ uid, webhooks = [] }) =>
      webhooks.map((webhook) => `the webhook ${uid}/${webhook.uid}`),
    ),
  ]
  const found = lists.flatMap((names) => names.filter((name, at) => names.indexOf(name) < at))
  return found[0] ?? null
}
