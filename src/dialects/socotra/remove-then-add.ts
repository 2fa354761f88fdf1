// The vendor's add-remove semantics (docs/contracts/socotra.md, "Updates").

/** "Removals happen first, followed by additions": what is in both ends up present, at the end. Each value once. */
export function removeThenAdd<T>(
  present: readonly T[],
  remove: readonly T[] | null | undefined,
  add: readonly T[] | null | undefined,
): readonly T[] {
  const removed = new Set(remove)
  return [...new Set([...present.filter((value) => !removed.has(value)), ...(add ?? [])])]
}
