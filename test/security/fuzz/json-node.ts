// JSON as a tree whose leaves are text, so that it can hold what no JavaScript value does: names given twice, numbers
// that no number is, half a surrogate pair, and what is no JSON at all.

export type Node =
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, Node])[] }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  /** Text as it is written. */
  | { readonly kind: 'raw'; readonly text: string }

export const raw = (text: string): Node => ({ kind: 'raw', text })
export const literal = (value: unknown): Node => raw(JSON.stringify(value))

export function write(node: Node): string {
  if (node.kind === 'raw') return node.text
  if (node.kind === 'array') return `[${node.items.map(write).join(',')}]`
  return `{${node.members.map(([name, value]) => `${JSON.stringify(name)}:${write(value)}`).join(',')}}`
}

/** A way down: positions of members and items. */
export type Place = readonly number[]

/** Every place of a tree, its root first. */
export function placesOf(node: Node, at: Place = []): readonly Place[] {
  const children = childrenOf(node)
  return [at, ...children.flatMap((child, index) => placesOf(child, [...at, index]))]
}

function childrenOf(node: Node): readonly Node[] {
  if (node.kind === 'raw') return []
  return node.kind === 'array' ? node.items : node.members.map(([, value]) => value)
}

/** The tree with what `change` makes of the node at a place. */
export function changeAt(node: Node, place: Place, change: (node: Node) => Node): Node {
  const [index, ...rest] = place
  if (index === undefined) return change(node)
  if (node.kind === 'array') {
    return {
      ...node,
      items: node.items.map((item, at) => (at === index ? changeAt(item, rest, change) : item)),
    }
  }
  if (node.kind === 'raw') return node
  return {
    ...node,
    members: node.members.map(([name, value], at) =>
      at === index ? [name, changeAt(value, rest, change)] : [name, value],
    ),
  }
}
