// What is put where it does not belong: values, names, and damage to the text itself.

import fc from 'fast-check'
import { changeAt, literal, type Node, placesOf, raw, write } from './json-node.ts'

/** Names that mean something to JavaScript, SQL, Zod, Hookline or a library, or to nobody. */
export const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  'validate',
  'schemaurl',
  'data_base64',
  'datacontentencoding',
  'asUrl',
  'data',
  '',
  '0',
  'x'.repeat(10_000),
  '\ud800',
  '\u0000',
  '\u202etxt.exe',
  '{{x}}',
  "'; DROP TABLE tenants; --",
]

const deep = (levels: number, open: string, close: string) =>
  raw(`${open.repeat(levels)}1${close.repeat(levels)}`)

/** Cheap ones: most of the run. */
const VALUES: readonly Node[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1.5', '1e400', '-1e400', '1e-400'],
  ...['9007199254740993', '123456789012345678901234567890', '0.1e1', '2147483648', '4294967297'],
  ...['""', '" "', '[]', '{}', '[[]]', '[null]', '[{}]', '{"a":{"b":[]}}', '{"":""}'],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\u0000b"', '"\\u202e\\u200b\\ufeff"'],
  ...['"\\r\\nX-Injected: 1"', '"\\u2028"', '"__proto__"', '"constructor"', '"[object Object]"'],
  ...['"*"', '"a.*.*"', '"null"', '"NaN"', '"••••"', '["••••"]', '"https://example.com\\u0000/"'],
  ...['"file:///etc/passwd"', '"javascript:alert(1)"', '"http://a@b/"', '"//x"', '"http://"'],
  ...['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{}}}', '{"length":1e9}'],
  ...['{"a":1,"a":2}', '{"toString":1,"valueOf":2}', '{"Host":"a","content-length":"5"}'],
  ...[
    '{"X-A":"1","x-a":"2"}',
    '{"X-A":["1","\\u0000"]}',
    '{"X A":"1"}',
    '{"Webhook-Signature":"v1,x"}',
  ],
  ...['"2026-02-30T00:00:00Z"', '"9999-12-31T23:59:59-23:59"', '"0000-01-01T00:00:00+23:59"'],
].map(raw)

/** Large ones: seldom. */
const LARGE: readonly Node[] = [
  literal('x'.repeat(5_000)),
  literal('.'.repeat(256)),
  literal('é'.repeat(60_000)),
  literal('x'.repeat(150_000)),
  deep(101, '[', ']'),
  deep(99, '{"a":', '}'),
  deep(10_000, '[', ']'),
  deep(10_000, '{"a":', '}'),
  raw('['.repeat(50_000)),
  raw(`[${'1,'.repeat(100_000)}1]`),
  raw(`[${'"a",'.repeat(1_000)}"b"]`),
  raw(`{${Array.from({ length: 3_000 }, (_, n) => `"k${n}":"v"`).join(',')}}`),
  raw('9'.repeat(20_000)),
]

/** Beyond every limit: once in a while. */
const HUGE: readonly Node[] = [
  literal('x'.repeat(1_000_000)),
  literal('a.'.repeat(500_000)),
  raw(`[${'{},'.repeat(200_000)}{}]`),
  literal('x'.repeat(10_000_000)),
]

const hostileValue = fc.oneof(
  { weight: 300, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 30, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map(literal) },
  { weight: 10, arbitrary: fc.constantFrom(...LARGE) },
  { weight: 1, arbitrary: fc.constantFrom(...HUGE) },
)

type Mutation = (node: Node) => Node

/** Where a number in [0, 1) points to among so many. */
const pick = (where: number, count: number) => Math.min(count - 1, Math.floor(where * count))
const where = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

function somewhere(at: number, change: (node: Node) => Node): Mutation {
  return (node) => {
    const places = placesOf(node)
    const place = places[pick(at, places.length)] ?? []
    return changeAt(node, place, change)
  }
}

const name = fc.constantFrom(...NAMES)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(where, hostileValue).map(([at, value]) => somewhere(at, () => value)),
  },
  {
    weight: 2,
    // A member is lost, named otherwise, or there twice.
    arbitrary: fc
      .tuple(where, where, fc.constantFrom('lose', 'rename', 'repeat'), name)
      .map(([at, which, how, other]) =>
        somewhere(at, (node) => {
          if (node.kind !== 'object' || node.members.length === 0) return node
          const index = pick(which, node.members.length)
          const members = node.members.flatMap((member, position) => {
            if (position !== index) return [member]
            if (how === 'lose') return []
            return how === 'rename' ? [[other, member[1]] as const] : [member, member]
          })
          return { ...node, members }
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(where, name, hostileValue)
      .map(([at, other, value]) =>
        somewhere(at, (node) =>
          node.kind === 'object' ? { ...node, members: [...node.members, [other, value]] } : node,
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(where, fc.constantFrom(2, 17, 51, 201, 1_001))
      .map(([at, times]) =>
        somewhere(at, (node) =>
          node.kind === 'array'
            ? { ...node, items: Array(times).fill(node.items[0] ?? raw('1')) }
            : node,
        ),
      ),
  },
)

/** Damage to the text, after which it may be no JSON. */
type Damage = (text: string) => string

const damage: fc.Arbitrary<Damage> = fc.oneof(
  where.map(
    (at): Damage =>
      (text) =>
        text.slice(0, pick(at, text.length + 1)),
  ),
  fc
    .tuple(
      where,
      fc.constantFrom(
        ',',
        '}',
        ']',
        '"',
        '\\',
        '\u0000',
        '/* [ */',
        '//\n',
        "'",
        '\ufeff',
        '\u00a0',
        'NaN',
        '0',
        '{',
        ':',
      ),
    )
    .map(
      ([at, what]): Damage =>
        (text) => {
          const index = pick(at, text.length + 1)
          return `${text.slice(0, index)}${what}${text.slice(index)}`
        },
    ),
  fc.constantFrom<Damage>(
    (text) => text.replace(/([}\]])/, ',$1'),
    (text) => text.replaceAll(/([}\]])/g, ',$1'),
    (text) => `\ufeff${text}`,
    (text) => `${text}${text}`,
    (text) => `[${text}]`,
    (text) => `${text}\u0000`,
    (text) => text.replaceAll('"', "'"),
    (text) => text.replaceAll(':', '='),
    (text) => ` \t\r\n${text}\n\n`,
    () => '',
    () => ' ',
    () => 'null',
    () => '"',
    () => ']'.repeat(1_000),
    () => '\n'.repeat(100_000),
    () => ','.repeat(100_000),
    () => '{"a":'.repeat(100_000),
    () => '"'.repeat(99_999),
    () => '\\u'.repeat(50_000),
    () => '-'.repeat(100_000),
  ),
)

/** Nothing legal to begin with. */
export const anyJson: fc.Arbitrary<Node> = fc.oneof(
  hostileValue,
  fc.json({ stringUnit: 'binary' }).map(raw),
)

/** The text of a tree, as it is (about a third), with hostile values in it, or damaged. */
export function hostileText(legal: fc.Arbitrary<Node>): fc.Arbitrary<string> {
  const changed = fc
    .tuple(legal, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([node, mutations]) => write(mutations.reduce((tree, mutate) => mutate(tree), node)))
  const damaged = fc.tuple(legal.map(write), damage).map(([text, harm]) => harm(text))
  return fc.oneof(
    { weight: 9, arbitrary: legal.map(write) },
    { weight: 16, arbitrary: changed },
    { weight: 4, arbitrary: damaged },
    { weight: 1, arbitrary: anyJson.map(write) },
  )
}
