// Sessions: what their holders are known by is kept as a hash only, and what they may do is what their credential permits.

import { CONSOLE, KEYS } from '../../limits.ts'
import { sameDigest, sha256Hex } from '../../primitives/digest.ts'
import { newId } from '../../primitives/ids.ts'
import { Lru } from '../../primitives/lru.ts'
import type { Sessions } from '../api.ts'
import type { Session, SignedIn } from '../model/index.ts'
import type { KnownSession, Ports } from '../ports/index.ts'
import { findValidCaller, newSecret, rememberKey } from './keys.ts'

type Known = KnownSession & { readonly readAt: number }

/** Sessions read lately, by id. That one was ended takes effect everywhere when its entry is too old (`KEYS.cacheMs`). */
const cache = new Lru<string, Known>({ max: KEYS.cacheEntries })

export function createSessions(ports: Pick<Ports, 'clock' | 'keys' | 'sessions'>): Sessions {
  const { clock, sessions } = ports

  async function findKnown(id: string, now: number): Promise<Known | null> {
    const cached = cache.get(id)
    if (cached && now - cached.readAt >= 0 && now - cached.readAt < KEYS.cacheMs) return cached
    cache.delete(id)
    const found = await sessions.find(id)
    if (found === null) return null
    const { key, ...session } = found
    if (key !== null) rememberKey(key, now)
    const known = { ...session, readAt: now }
    cache.set(id, known)
    return known
  }

  return {
    async begin(keyId, administrator) {
      const now = clock()
      const expiresAt = now + CONSOLE.sessionSeconds * 1_000
      const session: Session = { id: newId(now), keyId, createdAt: now, expiresAt }
      const secret = newSecret()
      const proof = keyId === null ? administrator : null
      await sessions.insert({ session, proof, secretHash: await sha256Hex(secret) })
      return { session, secret }
    },
    async find(id, secret, administrator) {
      const now = clock()
      const [known, secretHash] = await Promise.all([findKnown(id, now), sha256Hex(secret)])
      if (known === null || !sameDigest(known.secretHash, secretHash)) return null
      const { session, proof } = known
      if (session.expiresAt <= now) return null
      const signedIn: SignedIn | null =
        session.keyId === null
          ? proof !== null && sameDigest(proof, administrator)
            ? 'administrator'
            : null
          : await findValidCaller(session.keyId, ports)
      return signedIn && { session, signedIn }
    },
    async end(id) {
      await sessions.delete(id)
      cache.delete(id)
    },
    async endAll({ keyId }) {
      const ended = await sessions.deleteAll(keyId)
      for (const id of ended) cache.delete(id)
    },
  }
}
