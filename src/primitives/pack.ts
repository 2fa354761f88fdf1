// Things packed into what holds only so many of them, or only so much.

/** What one pack holds; a thing that is larger than that goes alone, or with things of no size. */
export interface Room<T> {
  /** Things at most. */
  readonly count?: number
  /** The sum of their sizes at most. */
  readonly size?: number
  readonly sizeOf?: (item: T) => number
  /** Whether a thing may stand with the first one of a pack. */
  readonly belongs?: (item: T, first: T) => boolean
}

/** Some things, and whether others follow. */
export interface Cut<T> {
  readonly items: T[]
  readonly more: boolean
}

/** In order, each pack as full as it gets. Reads one thing more than a pack has. */
export function* pack<T>(
  all: Iterable<T>,
  { count = Number.POSITIVE_INFINITY, size = Number.POSITIVE_INFINITY, ...room }: Room<T>,
): Generator<Cut<T>, void> {
  const { sizeOf = () => 0, belongs = () => true } = room
  let items: T[] = []
  let used = 0
  for (const item of all) {
    const own = sizeOf(item)
    const [first = item] = items
    const fits = items.length < count && (used === 0 || used + own <= size) && belongs(item, first)
    if (items.length > 0 && !fits) {
      yield { items, more: true }
      items = []
      used = 0
    }
    items.push(item)
    used += own
  }
  if (items.length > 0) yield { items, more: false }
}

/** The first pack alone; empty when there is nothing to pack. */
export function packFirst<T>(all: Iterable<T>, room: Room<T>): Cut<T> {
  for (const first of pack(all, room)) return first
  return { items: [], more: false }
}
