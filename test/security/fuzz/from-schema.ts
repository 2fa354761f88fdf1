// Legal input, generated from the very schema that validates it. Strings are taken from a stock of words: whichever of
// them the schema accepts. A field that nobody has heard of yet is filled as well.

import fc from 'fast-check'
import { z } from 'zod'
import { literal, type Node, raw } from './json-node.ts'

const UUID = '0190a5c3-7b1e-7c3a-9f00-00000000abcd'
export const HMAC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ED25519 = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc='

const URLS = [
  'https://receiver.example/hook',
  'http://127.0.0.1:4000/',
  'https://[2001:db8::1]/?a=b',
]
const WORDS = [
  ...URLS,
  'a',
  'invoice.paid',
  'invoice.*',
  '*',
  UUID,
  UUID.toUpperCase(),
  '2026-11-22T10:00:00Z',
  '1995-02-28t23:59:59.123456+01:30',
  '1',
  '7',
  '200',
  'true',
  'false',
  'timeout',
  '404',
  '4xx',
  '1.0',
  HMAC,
  ED25519,
  'plain secret',
  'Größe 東京 🦜 \u202e\u200b',
  'application/json',
  '',
]

/** What fits a field beyond what its schema says, by its name. */
const FITTING: readonly (readonly [name: RegExp, words: readonly string[]])[] = [
  [/url|target$/i, URLS],
  [/secret/i, [HMAC, ED25519, 'plain secret']],
  [/source/i, ['/orders', 'urn:a:b']],
]
const HEADER_NAMES = ['X-Custom', 'x-two', 'Authorization', 'Cookie']
const RECORD_NAMES = ['inbox', 'user', 'data', '1', 'toString']

export interface Stock {
  /** More words for fields whose names end like this, such as ids of what is there. */
  readonly words: Readonly<Record<string, readonly string[]>>
}

export function fromSchema(schema: z.core.$ZodType, stock: Stock, name = ''): fc.Arbitrary<Node> {
  const accepts = (text: string) => z.safeParse(schema, text).success
  return generate(schema, { stock, name, accepts, depth: 0 })
}

interface Context {
  readonly stock: Stock
  readonly name: string
  /** Whether a string will do: what surrounds a schema may ask for more than it does. */
  readonly accepts: (text: string) => boolean
  readonly depth: number
}

function generate(schema: z.core.$ZodType, context: Context): fc.Arbitrary<Node> {
  const { def } = schema._zod
  const inside = (inner: z.core.$ZodType, name = context.name): fc.Arbitrary<Node> =>
    generate(inner, {
      ...context,
      name,
      depth: context.depth + 1,
      accepts: (text) => z.safeParse(inner, text).success,
    })
  if (has(def, 'innerType')) {
    const inner = inside(def.innerType as z.core.$ZodType)
    return def.type === 'nullable' ? sometimes(inner, raw('null')) : inner
  }
  switch (def.type) {
    case 'string':
      return words(context)
    case 'boolean':
      return fc.constantFrom(raw('true'), raw('false'))
    case 'int':
    case 'number':
      return numbers(schema)
    case 'null':
      return fc.constant(raw('null'))
    case 'literal':
    case 'enum':
      return fc.constantFrom(...valuesOf(schema).map(literal))
    case 'array': {
      const { element, checks = [] } = def as z.core.$ZodArrayDef
      const limits = checks.map((check) => check._zod.def as { check: string; minimum?: number })
      const min = limits.find(({ check }) => check === 'min_length')?.minimum ?? 0
      return fc
        .array(inside(element), { minLength: min, maxLength: min + 2 })
        .map((items) => ({ kind: 'array', items }))
    }
    case 'union':
      return fc.oneof(...(def as z.core.$ZodUnionDef).options.map((option) => inside(option)))
    case 'pipe': {
      const { in: input, out } = def as z.core.$ZodPipeDef
      if (input._zod.def.type === 'transform') return inside(out)
      // What a transform refuses is refused here too.
      return generate(input, { ...context, depth: context.depth + 1 })
    }
    case 'record': {
      const { keyType, valueType } = def as z.core.$ZodRecordDef
      const names = /header/i.test(context.name) ? HEADER_NAMES : RECORD_NAMES
      const legal = names.filter((name) => z.safeParse(keyType, name).success)
      return fc
        .uniqueArray(fc.constantFrom(...legal), { maxLength: 3 })
        .chain((chosen) => members(chosen.map((name) => [name, inside(valueType, 'value')])))
    }
    case 'object':
      return objects(schema as z.core.$ZodObject, inside)
    case 'unknown':
    case 'any':
      return fc.constantFrom(raw('{"a":1.10}'), raw('[1e400,-0]'), raw('"text"'), raw('null'))
    default:
      return fc.constant(raw('null'))
  }
}

function objects(
  schema: z.core.$ZodObject,
  inside: (inner: z.core.$ZodType, name?: string) => fc.Arbitrary<Node>,
): fc.Arbitrary<Node> {
  const { shape, catchall } = schema._zod.def
  const fields = Object.entries(shape).map(([name, field]) => {
    const member = inside(field, name).map((value): Member => [name, value])
    const isOptional = field._zod.optin === 'optional'
    const isNothing =
      innermost(field)._zod.def.type === 'never' || innermost(field)._zod.def.type === 'symbol'
    if (isNothing) return fc.constant(null)
    return isOptional ? fc.option(member, { nil: null, freq: 2 }) : member
  })
  const extra =
    catchall === undefined || catchall._zod.def.type === 'never'
      ? fc.constant([])
      : fc.array(
          fc.tuple(
            fc.constantFrom('extra', 'constructor', 'validate', '1'),
            inside(catchall, 'extra'),
          ),
          { maxLength: 2 },
        )
  return fc.tuple(fc.tuple(...fields), extra).map(([own, others]) => ({
    kind: 'object',
    members: [...own.filter((one) => one !== null), ...others],
  }))
}

type Member = readonly [name: string, value: Node]

function members(all: readonly (readonly [string, fc.Arbitrary<Node>])[]): fc.Arbitrary<Node> {
  return fc
    .tuple(...all.map(([name, value]) => value.map((node): Member => [name, node])))
    .map((list) => ({ kind: 'object', members: list }))
}

function innermost(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod
  return has(def, 'innerType') ? innermost(def.innerType as z.core.$ZodType) : schema
}

function words({ stock, name, accepts }: Context): fc.Arbitrary<Node> {
  const own = Object.entries(stock.words).find(([end]) => name.endsWith(end))?.[1] ?? []
  const fitting = FITTING.find(([is]) => is.test(name))?.[1] ?? []
  const best = [...own, ...fitting].filter(accepts)
  const legal = best.length > 0 ? best : WORDS.filter(accepts)
  return legal.length > 0 ? fc.constantFrom(...legal).map(literal) : fc.constant(literal('a'))
}

function numbers(schema: z.core.$ZodType): fc.Arbitrary<Node> {
  const { minimum = 0, maximum = 1_000 } = schema._zod.bag as { minimum?: number; maximum?: number }
  return fc.constantFrom(minimum, maximum, Math.min(maximum, minimum + 5)).map(literal)
}

function valuesOf(schema: z.core.$ZodType): readonly unknown[] {
  return [...(schema._zod.values ?? [])]
}

function sometimes<T>(usual: fc.Arbitrary<T>, rare: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: fc.constant(rare) })
}

function has<Name extends string>(def: object, name: Name): def is object & Record<Name, unknown> {
  return name in def
}
