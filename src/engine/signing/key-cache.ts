// Imported keys, once per secret and isolate: importing costs more than signing.

import { Lru } from '../../primitives/lru.ts'

/**
 * Remembers what `load` makes of a secret, for the `limit` secrets used last. A load that rejects is forgotten, so
 * that the next use tries again.
 */
export function cacheKeys<Key>(
  limit: number,
  load: (secret: string) => Promise<Key>,
): (secret: string) => Promise<Key> {
  const keys = new Lru<string, Promise<Key>>({ max: limit })
  return (secret) => {
    const known = keys.get(secret)
    if (known !== undefined) return known
    const loading = load(secret)
    loading.catch(() => {
      if (keys.get(secret) === loading) keys.delete(secret)
    })
    keys.set(secret, loading)
    return loading
  }
}
