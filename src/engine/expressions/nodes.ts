// The nodes of a parsed expression, as the library makes them.

import { isRecord } from '../../primitives/is-record.ts'

export type ExpressionNode = Readonly<Record<string, unknown>>

interface PlacedNode {
  readonly node: ExpressionNode
  readonly depth: number
}

/** What a node refers to and does not consist of. */
const REFERENCES = new Set(['ancestor', 'seekingParent', 'signature', 'slot', 'tuple'])

/** All nodes below this one, itself included. */
export function nodesOf(root: unknown): readonly PlacedNode[] {
  const found: PlacedNode[] = []
  const known = new Set<unknown>()
  const visit = (value: unknown, depth: number) => {
    if (typeof value !== 'object' || value === null || value instanceof RegExp) return
    if (known.has(value)) return
    known.add(value)
    if (Array.isArray(value)) {
      for (const element of value) visit(element, depth)
      return
    }
    if (!isRecord(value)) return
    found.push({ node: value, depth })
    for (const [name, part] of Object.entries(value)) {
      if (!REFERENCES.has(name)) visit(part, depth + 1)
    }
  }
  visit(root, 0)
  return found
}
