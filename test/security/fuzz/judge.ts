// What an answer must be, whatever was asked: no crash, the surface's own shape, words that help, no trace of what is
// inside, and nothing changed by what was refused.

import { z } from 'zod'
import type { Asked } from './requests.ts'
import type { Observed } from './world.ts'

const text = z.string().min(1)
const message = z.strictObject({
  message: text,
  errors: z.record(z.string(), z.array(text).min(1)).optional(),
})

/** The shape of a refusal on each surface; a dialect that is not here fails the fuzz. */
export const REFUSALS: Readonly<Record<string, z.ZodType>> = {
  native: z.strictObject({
    type: z.string().startsWith('urn:hookline:problem:'),
    title: text,
    status: z.int(),
    detail: text,
    code: text,
    errors: z.array(z.strictObject({ path: z.string(), message: text })).optional(),
  }),
  contractfit: message,
  infermedica: message,
  crazygoldfish: z.union([
    z.strictObject({ detail: text }),
    z.record(z.string(), z.array(text).min(1)),
  ]),
  everypoint: z.strictObject({ success: z.literal(false), code: z.int(), message: text }),
  svix: z.union([
    z.strictObject({ code: text, detail: text }),
    z.strictObject({
      detail: z.array(z.strictObject({ loc: z.array(z.string()), msg: text, type: text })).min(1),
    }),
  ]),
  socotra: z.strictObject({
    message: text,
    errors: z.array(z.strictObject({ path: z.string(), message: text })).optional(),
  }),
}

/** Words that say what Hookline is made of, or that nobody wrote for a caller. */
const INSIDES =
  /zod|\bD1_|SQLITE|drizzle|node_modules|\/src\/|\.[jt]s:\d|\n\s+at |TypeError|RangeError|ReferenceError|is not a function|Cannot read|Unexpected token|hono|Symbol\(|^undefined$|^Invalid input$/

/** Characters of an answer that refuses. */
const REFUSAL_CHARS = 40_000

/** 4xx that a request may come to. */
const EXPECTED = new Set([400, 401, 403, 404, 405, 409, 413, 422])

/** What is changed on the way to a refusal, and back or to no effect. */
const HARMLESS: readonly (readonly [method: string, path: string, change: string])[] = [
  // The log of a tenant that is there has nothing to revive.
  ['POST', '/v1/tenants', 'revive'],
]

/** What is wrong with an answer, a sentence each. */
export function judge(asked: Asked, { status, headers, text, changes, log }: Observed): string[] {
  const flaws: string[] = []
  const crash = log.find((line) => /"(?:request\.crashed|request\.unavailable)"/.test(line))
  if (crash !== undefined) flaws.push(`crashed: ${crash.slice(0, 1_500)}`)
  // What a surface says that it does not serve: a refusal like any other.
  const isUnserved = status === 501 && text.includes('"not_implemented"')
  if (status >= 500 && !isUnserved) return [...flaws, `answers ${status}: ${text.slice(0, 300)}`]
  if (status < 400) return [...flaws, ...judgeAccepted(asked, status, headers, text)]
  if (!EXPECTED.has(status) && !isUnserved) flaws.push(`answers ${status}`)
  const forbidden = changes.filter(
    (change) =>
      !HARMLESS.some(
        ([method, path, harmless]) =>
          asked.method === method && asked.route.path === path && change === harmless,
      ),
  )
  if (forbidden.length > 0) flaws.push(`answers ${status} and changes: ${forbidden.join(', ')}`)
  if (asked.method === 'HEAD') return text === '' ? flaws : [...flaws, 'HEAD has a body']
  if (text.length > REFUSAL_CHARS) flaws.push(`refuses in ${text.length} characters`)
  return [...flaws, ...judgeRefusal(asked, status, headers, text)]
}

function judgeRefusal(
  { route, path }: Asked,
  status: number,
  headers: Headers,
  text: string,
): string[] {
  if (!/^application\/(?:problem\+)?json/.test(headers.get('content-type') ?? '')) {
    return [`the refusal has the content type ${headers.get('content-type')}`]
  }
  const body = parse(text)
  // A path that is spoilt may lie outside of the surface.
  const surfaces = path === '' ? [route.surface] : [route.surface, 'native']
  const shape = surfaces.map((surface) => REFUSALS[surface]?.safeParse(body).success)
  if (!shape.some((fits) => fits)) return [`the refusal has another shape: ${text.slice(0, 300)}`]
  const words = wordsOf(body)
  const bad = words.filter((word) => INSIDES.test(word))
  if (bad.length > 0) return [`the refusal shows insides: ${bad[0]?.slice(0, 300)}`]
  if (!text.isWellFormed()) return ['the refusal is not well-formed']
  // Whoever is refused for its input is told where and what.
  const says = words.join(' ')
  if (status === 400 && says.length < 10) return [`the refusal says little: ${text.slice(0, 300)}`]
  return []
}

function judgeAccepted(asked: Asked, status: number, headers: Headers, text: string): string[] {
  if (asked.method === 'HEAD' || status === 204)
    return text === '' ? [] : ['a body where none may be']
  const type = headers.get('content-type') ?? ''
  if (!type.startsWith(asked.route.mediaType)) return [`answers ${type}`]
  if (!asked.route.mediaType.includes('json')) return []
  return parse(text) === undefined ? [`answers what is no JSON: ${text.slice(0, 200)}`] : []
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Texts that Hookline wrote: neither names nor paths, which are the caller's. */
function wordsOf(value: unknown, name = ''): readonly string[] {
  if (typeof value === 'string') return name === 'path' || name === 'title' ? [] : [value]
  if (Array.isArray(value)) return value.flatMap((item) => wordsOf(item, name))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, inner]) => wordsOf(inner, member))
}
