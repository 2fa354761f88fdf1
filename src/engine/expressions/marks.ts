// Which nodes of an expression need more than to be counted: the library goes through their values without evaluating anything.

import type jsonata from 'jsonata'
import { isRecord } from '../../primitives/is-record.ts'
import { PLAIN, TEXT } from './natives.ts'
import { type ExpressionNode, nodesOf } from './nodes.ts'

export type Mark =
  /** It is compared, put together, or asked for yes or no: all of it is gone through. */
  | 'operand'
  /** It sorts: it is evaluated for each comparison, and the library's sorting takes the square of them. */
  | 'sort_term'
  /** It names the group of an element, which is put behind those that are there. */
  | 'group_key'
  /** It is the member of an object, which no function is. */
  | 'member'
  /** They tell what of a copy is changed, into what, and what is left out. */
  | 'pattern'
  | 'update'
  | 'delete'

export type Marks = ReadonlyMap<unknown, readonly Mark[]>

/** The marks of nodes. */
export function markNodes(nodes: ReturnType<typeof nodesOf>): Marks {
  const marks = new Map<unknown, Mark[]>()
  const mark = (node: unknown, name: Mark) => {
    marks.set(node, [...(marks.get(node) ?? []), name])
  }
  for (const { node } of nodes) {
    for (const place of operandsOf(node)) mark(place.of[place.name], 'operand')
    if (node.type === 'unary' && node.value === '-') mark(node.expression, 'operand')
    for (const [key, value] of pairsOf(node)) {
      mark(key, 'group_key')
      mark(value, 'member')
    }
    if (node.type === 'sort')
      for (const term of list(node.terms)) mark(term.expression, 'sort_term')
    if (node.type === 'apply') mark(node.rhs, 'operand')
    if (node.type === 'transform') {
      mark(node.pattern, 'pattern')
      mark(node.update, 'update')
      if (node.delete !== undefined) mark(node.delete, 'delete')
    }
  }
  return marks
}

/** Places whose values are computed with. */
function operandsOf(node: ExpressionNode): readonly { of: ExpressionNode; name: string }[] {
  const filters = [...list(node.predicate), ...list(node.stages)].filter(
    ({ type }) => type === 'filter',
  )
  return [
    ...(node.type === 'binary' ? [place(node, 'lhs'), place(node, 'rhs')] : []),
    ...(node.type === 'condition' ? [place(node, 'condition')] : []),
    ...(node.type === 'unary' && node.value === '-' ? [place(node, 'expression')] : []),
    ...filters.map((filter) => place(filter, 'expr')),
    ...(node.type === 'sort' ? list(node.terms).map((term) => place(term, 'expression')) : []),
  ]
}

function place(of: ExpressionNode, name: string) {
  return { of, name }
}

function list(value: unknown): readonly ExpressionNode[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Names and values of an object that a node makes, or into which it groups. */
function pairsOf(node: ExpressionNode): readonly (readonly unknown[])[] {
  const own = node.type === 'unary' && node.value === '{' ? node.lhs : undefined
  const grouped = isRecord(node.group) ? node.group.lhs : undefined
  return [own, grouped].flatMap((pairs) =>
    Array.isArray(pairs) ? pairs.filter(Array.isArray) : [],
  )
}

/** Values that are written in the expression itself are as they are. */
const LITERALS = new Set<unknown>(['string', 'number', 'value'])

/** Has an expression take numbers for what stands for them, wherever it computes with them. */
export function passNumbers(expression: jsonata.Expression): void {
  for (const { node } of nodesOf(expression.ast())) {
    const isJoined = node.type === 'binary' && node.value === '&'
    for (const { of, name } of operandsOf(node)) {
      const operand = of[name]
      if (!isRecord(operand) || LITERALS.has(operand.type)) continue
      Reflect.set(of, name, call(isJoined ? TEXT : PLAIN, operand))
    }
  }
}

function call(name: string, operand: ExpressionNode): ExpressionNode {
  const { position } = operand
  const procedure = { type: 'variable', value: name, position }
  return { type: 'function', value: '(', position, procedure, arguments: [operand] }
}
