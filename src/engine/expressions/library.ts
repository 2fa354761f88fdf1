// The functions that the library has, taken out of it once, so that an evaluation can put its own around them.

import jsonata from 'jsonata'
import { isRecord } from '../../primitives/is-record.ts'

/** What the library calls before and after each node. */
const ENTRY = Symbol.for('jsonata.__evaluate_entry')
const EXIT = Symbol.for('jsonata.__evaluate_exit')

/** A function as the library has it. */
export interface NativeDefinition {
  readonly run: (self: unknown, given: readonly unknown[]) => unknown
  /** Its source: the library takes the names of its arguments from there. */
  readonly text: string
  readonly arity: number
  /** Arguments as they are passed on. Throws what does not fit. */
  readonly validate: (given: readonly unknown[], context: unknown) => readonly unknown[]
}

export type NodeCallback = (node: unknown, input: unknown, frame: unknown, result: unknown) => void

/** Has the library call these before and after each node that it evaluates. */
export function watch(
  expression: jsonata.Expression,
  before: NodeCallback,
  after: NodeCallback,
): void {
  // Its types know texts alone as names.
  Reflect.apply(expression.assign, expression, [ENTRY, before])
  Reflect.apply(expression.assign, expression, [EXIT, after])
}

let known: ReadonlyMap<string, NativeDefinition> | null = null

/** The library's functions by name. */
export function nativeDefinitions(): ReadonlyMap<string, NativeDefinition> {
  known ??= readDefinitions()
  return known
}

const NAMES =
  `abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent
distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber fromMillis join keys length
lookup lowercase map match max merge min not number pad parseInteger power reduce replace reverse round sift single sort split spread
sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase zip`.split(
    /\s+/,
  )

function readDefinitions(): ReadonlyMap<string, NativeDefinition> {
  const found = new Map<string, NativeDefinition>()
  const probe = jsonata('null')
  const read: NodeCallback = (_node, _input, frame) => {
    for (const name of NAMES) found.set(name, definitionIn(frame, name))
  }
  watch(probe, read, () => {})
  // The first node is entered before anything is waited for: what it comes to, or why it fails, tells nothing.
  probe.evaluate(null).catch(() => {})
  return found
}

function definitionIn(frame: unknown, name: string): NativeDefinition {
  const definition =
    isRecord(frame) &&
    typeof frame.lookup === 'function' &&
    Reflect.apply(frame.lookup, frame, [name])
  if (isRecord(definition) && isRecord(definition.signature)) {
    const { implementation, signature } = definition
    const { validate } = signature
    if (typeof implementation === 'function' && typeof validate === 'function') {
      return {
        text: implementation.toString(),
        arity: implementation.length,
        run: (self, given) => Reflect.apply(implementation, self, given),
        validate: (given, context) => Reflect.apply(validate, signature, [given, context]),
      }
    }
  }
  throw new Error(`The library has no function ${name}.`)
}
