// The value of an expression for an input, in a cage: whatever is written, it ends after a number of steps that is known before, holds
// so much memory at most, and sees nothing but its input and the secrets that it is given.

import { isRecord } from '../../primitives/is-record.ts'
import { EXPRESSION } from './bounds.ts'
import type { CompiledExpression, Program } from './compile.ts'
import { ExpressionFailure, type FailureCode } from './failure.ts'
import type { ExpressionInput } from './input.ts'
import { type NodeCallback, watch } from './library.ts'
import { regexEngine } from './linear-regex.ts'
import type { Mark } from './marks.ts'
import { isFunctionLike, Meter } from './meter.ts'
import { bindNatives, type EvaluationSession, PLAIN, TEXT } from './natives.ts'

type Evaluated = (
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string }
) & {
  /** Steps that it took. */
  readonly steps: number
}

interface Surroundings {
  /** By name, what `$secret` answers. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Steps that it may take; absent: `EXPRESSION.steps`. */
  readonly steps?: number
}

/** The value of an expression for an input; undefined where it has none. Never rejects. */
export async function evaluateExpression(
  compiled: CompiledExpression,
  input: ExpressionInput,
  { secrets = {}, steps = EXPRESSION.steps }: Surroundings = {},
): Promise<Evaluated> {
  const meter = new Meter(Math.min(steps, EXPRESSION.steps))
  const session: EvaluationSession = { meter, secrets, clones: new WeakSet() }
  try {
    const program = input.hasWrittenNumbers ? compiled.exact() : compiled.program
    const value: unknown = await run(program, input, session)
    meter.see(value)
    return { kind: 'value', value, steps: meter.taken }
  } catch (thrown) {
    const { code, message } = toFailure(thrown)
    meter.end(new ExpressionFailure(code, message))
    return { kind: 'failed', code, message, steps: meter.taken }
  }
}

/** Under this name, which no expression can write, the library finds what belongs to an evaluation. */
const SESSION = ' session'

const watched = new WeakSet<Program>()

function run(
  program: Program,
  input: ExpressionInput,
  session: EvaluationSession,
): Promise<unknown> {
  const { expression, natives, marks, patterns } = program
  if (!watched.has(program)) {
    watched.add(program)
    watch(
      expression,
      (node, value, frame) => sessionIn(frame)?.enter(node, value, frame),
      (node, value, frame, result) => sessionIn(frame)?.leave(node, value, frame, result),
    )
  }
  const bound = bindNatives(
    [...natives, ...(input.hasWrittenNumbers ? [PLAIN, TEXT] : [])],
    session,
  )
  const counting = new Counting(session, marks, regexEngine(patterns, session.meter))
  return expression.evaluate(input.value, { ...bound, [SESSION]: counting })
}

function sessionIn(frame: unknown): Counting | null {
  const base = isRecord(frame) ? frame.base : undefined
  if (!isRecord(base) || typeof base.lookup !== 'function') return null
  const found: unknown = Reflect.apply(base.lookup, base, [SESSION])
  return found instanceof Counting ? found : null
}

/** Nodes that cost more than a step. */
const STEPS = { group_key: 10, sort_term: 10, partial: 100, function: 50 } as const

class Counting {
  private readonly session: EvaluationSession
  private readonly marks: Program['marks']
  private readonly engine: unknown
  private hasBegun = false

  constructor(session: EvaluationSession, marks: Program['marks'], engine: unknown) {
    this.session = session
    this.marks = marks
    this.engine = engine
  }

  readonly enter = (node: unknown, input: unknown, frame: unknown): void => {
    const { meter } = this.session
    if (!this.hasBegun) this.begin(frame)
    meter.enter()
    if (!isRecord(node)) return
    if (node.type === 'partial') meter.spend(STEPS.partial)
    if (node.type === 'wildcard' || node.type === 'descendant') meter.charge(input)
    if (node.type === 'name' && Array.isArray(input)) meter.charge(input)
    // Each element is put behind a copy of those before it.
    if (Array.isArray(node.expressions)) meter.spend(Math.floor(node.expressions.length ** 2 / 64))
  }

  readonly leave: NodeCallback = (node, input, _frame, result) => {
    const { meter } = this.session
    meter.leave()
    // A sequence of one is that one. A function the library wraps once more each time that it is passed on.
    const value: unknown = Array.isArray(result) && result.length === 1 ? result[0] : result
    if (typeof value === 'function') meter.spend(STEPS.function)
    meter.see(result)
    for (const mark of this.marks.get(node) ?? []) this.check(mark, input, value)
  }

  private begin(frame: unknown): void {
    this.hasBegun = true
    if (isRecord(frame) && typeof frame.base === 'object' && frame.base !== null) {
      Reflect.set(frame.base, 'RegexEngine', this.engine)
    }
  }

  private check(mark: Mark, input: unknown, result: unknown): void {
    const { meter, clones } = this.session
    switch (mark) {
      case 'operand':
      case 'delete':
        meter.charge(result)
        return
      case 'sort_term':
        meter.spend(STEPS.sort_term)
        return
      case 'group_key':
        meter.spend(STEPS.group_key)
        return
      case 'member':
        if (typeof result !== 'function') return
        throw new ExpressionFailure('not_allowed', 'A member of an object cannot be a function.')
      case 'pattern': {
        const all: readonly unknown[] = Array.isArray(result) ? result : [result]
        const isOwn = (one: unknown) =>
          one === undefined || (typeof one === 'object' && one !== null && clones.has(one))
        if (all.every(isOwn)) return
        throw new ExpressionFailure(
          'not_allowed',
          'A transform changes objects of what it was given alone.',
        )
      }
      case 'update':
        if (isFunctionLike(result))
          throw new ExpressionFailure('not_allowed', 'A function has no members.')
        // What was measured of the object that is changed, and of all around it, is so no more.
        meter.forget()
        if (reaches(result, input, meter)) {
          throw new ExpressionFailure('not_allowed', 'A value cannot stand in itself.')
        }
        return
    }
  }
}

/** Whether a value has another one somewhere in it. */
function reaches(value: unknown, other: unknown, meter: Meter): boolean {
  meter.spend(Math.floor(meter.sizeOf(value) / 4))
  const seen = new Set<unknown>()
  const visit = (part: unknown): boolean => {
    if (typeof part !== 'object' || part === null || isFunctionLike(part) || seen.has(part))
      return false
    seen.add(part)
    return Object.values(part).some((one) => one === other || visit(one))
  }
  return visit(value)
}

/** Sentences for what the library throws, by its codes; it puts values of the event into its own. */
const SENTENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  D: {
    1001: 'A number is out of range.',
    1002: 'What is not a number cannot be negated.',
    1004: 'A regular expression matches an empty text again and again.',
    1009: 'Two members of an object have the same name.',
    2014: 'A range is too large.',
    2015: `A sequence has more than ${EXPRESSION.sequence} elements.`,
    3070: 'Only numbers alone or texts alone can be sorted without a function that compares them.',
    3137: '$error() was called.',
    3138: '$single() found more than one.',
    3139: '$single() found none.',
    3141: '$assert() failed.',
  },
  T: {
    1006: 'What is called is no function.',
    2001: 'What stands left of an operator must be a number.',
    2002: 'What stands right of an operator must be a number.',
    2003: 'A range begins with a whole number.',
    2004: 'A range ends with a whole number.',
    2006: 'What stands right of ~> must be a function.',
    2007: 'What is sorted must be of one type.',
    2008: 'What is sorted must be numbers or texts.',
    2009: 'What is compared must be of one type.',
    2010: 'What is compared must be numbers or texts.',
  },
}

const TOO_LARGE = new Set(['2014', '2015'])

function toFailure(thrown: unknown): { readonly code: FailureCode; readonly message: string } {
  if (thrown instanceof ExpressionFailure) return thrown
  if (thrown instanceof RangeError)
    return { code: 'too_deep', message: 'The expression goes too deep.' }
  const code = isRecord(thrown) && typeof thrown.code === 'string' ? thrown.code : ''
  const position = isRecord(thrown) ? thrown.position : null
  const [family, number] = [code.slice(0, 1), code.slice(1)]
  const sentence = SENTENCES[family]?.[number] ?? 'The expression has no value for this event.'
  const where = typeof position === 'number' ? ` (character ${position})` : ''
  const kind = family === 'D' && TOO_LARGE.has(number) ? 'too_large' : 'failed'
  return { code: kind, message: `${sentence.slice(0, -1)}${where}.` }
}
