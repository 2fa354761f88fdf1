// Imported keys, once per secret and isolate: importing costs more than signing.

/**
 * Remembers what `load` makes of a secret, for the `limit` secrets used last. A load that rejects is forgotten, so
 * that the next use tries again.
 */
export function cacheKeys<Key>(
  limit: number,
  load: (secret: string) => Promise<Key>,
): (secret: string) => Promise<Key> {
  const keys = new Map<string, Promise<Key>>()

  function remember(secret: string, key: Promise<Key>): Promise<Key> {
    keys.delete(secret)
    keys.set(secret, key)
    for (const oldest of keys.keys()) {
      if (keys.size <= limit) break
      keys.delete(oldest)
    }
    return key
  }

  return (secret) => {
    const known = keys.get(secret)
    if (known !== undefined) return remember(secret, known)
    const loading = load(secret)
    loading.catch(() => {
      if (keys.get(secret) === loading) keys.delete(secret)
    })
    return remember(secret, loading)
  }
}
