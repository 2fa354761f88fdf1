// What somebody writes, checked before it is kept: it is one expression, and names nothing that there is not.

import jsonata from 'jsonata'
import { decimal } from '../../primitives/json-numbers.ts'
import { EXPRESSION } from './bounds.ts'
import { toLinear } from './linear-regex.ts'
import { type Marks, markNodes, passNumbers } from './marks.ts'
import { isNative, REFUSED, SECRET } from './natives.ts'
import { type ExpressionNode, nodesOf } from './nodes.ts'

/** What is wrong with an expression, and where. */
interface ExpressionFlaw {
  readonly code: 'syntax' | 'unknown_name' | 'not_allowed' | 'too_large'
  /** As a sentence. */
  readonly message: string
  /** Of the character, from 0. */
  readonly position: number
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** What is wrong, as a sentence with the place. */
export function describeFlaw({
  message,
  position,
  line,
  column,
}: Omit<ExpressionFlaw, 'code'>): string {
  return `${message.slice(0, -1)} (character ${position}, line ${line}, column ${column}).`
}

/** Why an expression cannot be `what` ("a filter"), with the place, because it asks for a secret, by whatever name; null: it asks for none. */
export function describeSecret(
  { source, secrets }: CompiledExpression,
  what: string,
): string | null {
  const [first] = secrets
  if (first === undefined) return null
  return withPlace(`$${SECRET}() is not available in ${what}.`, source, first.position)
}

/** The same sentence, with the place in the source. */
export function withPlace(message: string, source: string, position: number): string {
  return describeFlaw({ message, ...placeIn(source, position) })
}

/** The secrets that an expression asks for by a written name, and where. */
export function secretsIn(
  source: string,
): readonly { readonly name: string; readonly position: number }[] {
  // Most have none, and are not compiled once more to find that out.
  if (!source.includes(`$${SECRET}`)) return []
  const compiled = compileExpression(source)
  if (compiled.kind === 'flawed') return []
  return compiled.secrets.flatMap(({ name, position }) =>
    name === null ? [] : [{ name, position }],
  )
}

/** One form of an expression, ready to be evaluated. */
export interface Program {
  readonly expression: jsonata.Expression
  readonly marks: Marks
  readonly patterns: ReadonlyMap<RegExp, Exclude<ReturnType<typeof toLinear>, string>>
  /** Functions of the library that it names. */
  readonly natives: readonly string[]
}

interface AskedSecret {
  readonly name: string | null
  readonly position: number
}

export interface CompiledExpression {
  readonly kind: 'expression'
  readonly source: string
  /** Where it asks for a secret, and for which; null: for one whose name is made. */
  readonly secrets: readonly AskedSecret[]
  readonly program: Program
  /** The same, where there are numbers that are not as JavaScript would write them: made when it is asked for. */
  readonly exact: () => Program
}

/** A text that is one expression, or what is wrong with it. */
export function compileExpression(
  source: string,
): CompiledExpression | { readonly kind: 'flawed'; readonly flaw: ExpressionFlaw } {
  const flawed = (code: ExpressionFlaw['code'], message: string, position: number) => ({
    kind: 'flawed' as const,
    flaw: { code, message, ...placeIn(source, position) },
  })
  if (source.length > EXPRESSION.chars) {
    const message = `An expression may have at most ${EXPRESSION.chars} characters.`
    return flawed('too_large', message, EXPRESSION.chars)
  }
  try {
    const program = toProgram(source, (expression) => expression.ast())
    const nodes = nodesOf(program.expression.ast())
    const natives = namesOf(nodes)
    for (const { node } of nodes) refuseOther(node, source)
    let exact: Program | null = null
    return {
      kind: 'expression',
      source,
      secrets: secretsOf(nodes),
      program: { ...program, natives },
      exact: () => {
        exact ??= { ...toProgram(source, passNumbers), natives }
        return exact
      },
    }
  } catch (thrown) {
    if (thrown instanceof Refusal) return flawed(thrown.code, thrown.message, thrown.position)
    if (thrown instanceof RangeError) {
      return flawed('too_large', 'The expression is nested too deeply.', 0)
    }
    const { message, position } = syntaxError(thrown, source)
    return flawed('syntax', message, position)
  }
}

class Refusal extends Error {
  readonly code: ExpressionFlaw['code']
  readonly position: number
  constructor(code: ExpressionFlaw['code'], message: string, position: number) {
    super(message)
    this.code = code
    this.position = position
  }
}

function toProgram(
  source: string,
  rewrite: (expression: jsonata.Expression) => unknown,
): Omit<Program, 'natives'> {
  // The bounds are the library's own; what it cannot count, marks and the meter do.
  const options = Object.freeze({ sequence: EXPRESSION.sequence })
  const expression = jsonata(source, options)
  const nodes = nodesOf(expression.ast())
  for (const { node, depth } of nodes) {
    if (depth > EXPRESSION.nodeDepth) {
      throw new Refusal('too_large', 'The expression is nested too deeply.', positionOf(node))
    }
  }
  const marks = markNodes(nodes)
  const patterns = new Map(nodes.flatMap(({ node }) => patternOf(node)))
  rewrite(expression)
  return { expression, marks, patterns }
}

function patternOf(node: ExpressionNode) {
  if (!(node.value instanceof RegExp)) return []
  const linear = toLinear(node.value)
  if (typeof linear === 'string') {
    // The library adds a flag that is not written.
    const position = Math.max(0, positionOf(node) - String(node.value).length + 1)
    throw new Refusal('not_allowed', linear, position)
  }
  return [[node.value, linear] as const]
}

/** Throws `Refusal` for a number that is written, and that the library reads as another one. */
function refuseOther(node: ExpressionNode, source: string): void {
  if (node.type !== 'number' || typeof node.value !== 'number') return
  const end = positionOf(node)
  const written = /\d+(\.\d+)?([eE][-+]?\d+)?$/.exec(source.slice(0, end))?.[0]
  const becomes = String(Math.abs(node.value))
  if (written === undefined || decimal(written) === decimal(becomes)) return
  const message = `The number ${written} would become ${becomes}: JavaScript does not hold it.`
  throw new Refusal('not_allowed', message, end - written.length)
}

function positionOf({ position }: ExpressionNode): number {
  return typeof position === 'number' ? position : 0
}

/** Names by which frames and promises of the library are known. */
const NEVER_BOUND = /^(_jsonata_.*|then|__proto__)$/

/** The functions that nodes name. Throws `Refusal` for a name that there is not, or may not be. */
function namesOf(nodes: ReturnType<typeof nodesOf>): readonly string[] {
  const bound = new Set(nodes.flatMap(({ node }) => boundNames(node)))
  const found = new Set<string>()
  for (const name of bound) {
    if (!NEVER_BOUND.test(name)) continue
    throw new Refusal('not_allowed', `$${name} cannot be the name of a variable.`, 0)
  }
  for (const { node } of nodes) {
    if (node.type === 'transform') found.add('clone')
    if (node.type !== 'variable' || typeof node.value !== 'string') continue
    const { value: name } = node
    const position = startOf(node, name)
    const refusal = REFUSED.get(name)
    if (refusal !== undefined) throw new Refusal('not_allowed', refusal, position)
    if (isNative(name)) found.add(name)
    else if (name !== '' && name !== '$' && !bound.has(name)) {
      throw new Refusal('unknown_name', `There is no variable or function $${name}.`, position)
    }
  }
  return [...found]
}

function boundNames(node: ExpressionNode): readonly string[] {
  const targets = [
    ...(node.type === 'bind' ? [node.lhs] : []),
    ...(node.type === 'lambda' && Array.isArray(node.arguments) ? node.arguments : []),
  ]
  const names = targets.map((target: { value?: unknown } | undefined) => target?.value)
  const stages = Array.isArray(node.stages) ? node.stages : []
  const indexes = stages.map((stage: { type?: unknown; value?: unknown }) =>
    stage.type === 'index' ? stage.value : undefined,
  )
  return [...names, node.focus, node.index, ...indexes].filter((name) => typeof name === 'string')
}

function secretsOf(nodes: ReturnType<typeof nodesOf>): readonly AskedSecret[] {
  const named = new Map<unknown, string>()
  for (const { node } of nodes) {
    if (node.type !== 'function' || !Array.isArray(node.arguments)) continue
    const [first]: readonly { type?: unknown; value?: unknown }[] = node.arguments
    if (first?.type === 'string' && typeof first.value === 'string') {
      named.set(node.procedure, first.value)
    }
  }
  return nodes.flatMap(({ node }) =>
    isVariable(node, SECRET)
      ? [{ name: named.get(node) ?? null, position: startOf(node, SECRET) }]
      : [],
  )
}

/** Where a variable of this name begins: the library says where it ends. */
function startOf(node: ExpressionNode, name: string): number {
  return Math.max(0, positionOf(node) - name.length - 1)
}

function isVariable(node: unknown, name: string): boolean {
  return (
    typeof node === 'object' &&
    node !== null &&
    'type' in node &&
    node.type === 'variable' &&
    'value' in node &&
    node.value === name
  )
}

/** What the library throws for a text that it cannot parse: its sentence, and the place where what it names begins. */
function syntaxError(thrown: unknown, source: string): { message: string; position: number } {
  if (typeof thrown !== 'object' || thrown === null) throw thrown
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : ''
  const token = 'token' in thrown && typeof thrown.token === 'string' ? thrown.token : ''
  const end =
    'position' in thrown && typeof thrown.position === 'number' ? thrown.position : source.length
  const start = end - token.length
  const position = start >= 0 && source.startsWith(token, start) ? start : end
  return { message: message === '' ? 'This is no expression.' : `${message}.`, position }
}

function placeIn(source: string, at: number) {
  const position = Math.max(0, Math.min(at, source.length))
  const before = source.slice(0, position).split('\n')
  return { position, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
