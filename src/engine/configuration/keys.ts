// Keys: those of tenants, and those of the operator. Their secrets are shown once and kept as hashes.

import { validate } from 'uuid'
import { EngineError, notFound } from '../../errors.ts'
import { KEYS } from '../../limits.ts'
import { sameDigest, sha256Hex } from '../../primitives/digest.ts'
import { newId } from '../../primitives/ids.ts'
import { Lru } from '../../primitives/lru.ts'
import type { Administration } from '../api.ts'
import {
  type Caller,
  type Key,
  OPERATOR_PERMISSIONS_UNLESS_TOLD,
  type OperatorKey,
  type Permission,
  permissionsUnlessTold,
} from '../model/index.ts'
import type { KnownKey, Ports } from '../ports/index.ts'

type KeyCalls = Pick<
  Administration,
  | 'createKey'
  | 'listKeys'
  | 'deleteKey'
  | 'expireKey'
  | 'createOperatorKey'
  | 'listOperatorKeys'
  | 'deleteOperatorKey'
  | 'authenticate'
  | 'isValid'
>

/** The calls of `Administration` about keys. */
export function createKeys({ clock, keys }: Pick<Ports, 'clock' | 'keys'>): KeyCalls {
  return {
    async createKey(tenantId, { name, subject, permissions, expiresAt }, grantable) {
      const now = clock()
      const granted = grant(permissions, permissionsUnlessTold(subject), grantable)
      const key: Key = {
        ...{ id: newId(now), tenantId, name, subject, permissions: granted },
        ...{ featureFlags: null, createdAt: now, expiresAt },
      }
      const secret = newSecret()
      await keys.insert(key, await sha256Hex(secret))
      return { key, secret }
    },
    listKeys: (tenantId, page) => keys.list(tenantId, page),
    async deleteKey(tenantId, id) {
      const deleted = await keys.delete(tenantId, id)
      if (deleted === null) throw notFound('key')
      cache.delete(id)
      return deleted
    },
    async expireKey(tenantId, id, expiresAt) {
      const expired = await keys.expire(tenantId, id, expiresAt)
      if (expired === null) throw notFound('key')
      cache.delete(id)
      return expired
    },
    async createOperatorKey({ name, permissions, expiresAt }) {
      const now = clock()
      const granted = permissions ?? OPERATOR_PERMISSIONS_UNLESS_TOLD
      const key: OperatorKey = {
        ...{ id: newId(now), name, permissions: granted, createdAt: now, expiresAt },
      }
      const secret = newSecret()
      await keys.insertOperatorKey(key, await sha256Hex(secret))
      return { key, secret }
    },
    listOperatorKeys: (page) => keys.listOperatorKeys(page),
    async deleteOperatorKey(id) {
      const deleted = await keys.deleteOperatorKey(id)
      if (deleted === null) throw notFound('key')
      cache.delete(id)
      return deleted
    },
    authenticate: (id, secret) => authenticate(id, secret, { clock, keys }),
    isValid: async (id) => (await findValidCaller(id, { clock, keys })) !== null,
  }
}

/**
 * What a new key may do: what was asked for, or as much of `all` as its maker may grant; `grantable` is null for one who may grant
 * everything. Throws `forbidden`: nobody grants what he lacks.
 */
export function grant(
  asked: readonly Permission[] | null,
  all: readonly Permission[],
  grantable: readonly Permission[] | null,
): readonly Permission[] {
  const may = (permission: Permission) => grantable === null || grantable.includes(permission)
  const lacking = asked?.find((permission) => !may(permission))
  if (lacking === undefined) return asked ?? all.filter(may)
  throw new EngineError(
    'forbidden',
    `This key does not have the permission ${lacking}, so it cannot grant it.`,
  )
}

/** 256 random bits as base64url. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEYS.secretBytes))
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

type Known = KnownKey & { readonly readAt: number }

/** Keys read lately, by id. Revocation takes effect everywhere when its entry is too old (KEYS.cacheMs). */
const cache = new Lru<string, Known>({ max: KEYS.cacheEntries })

async function authenticate(
  id: string,
  secret: string,
  { clock, keys }: Pick<Ports, 'clock' | 'keys'>,
): Promise<Caller | null> {
  const now = clock()
  // What cannot be the id of a key costs no look.
  if (!validate(id)) return null
  const [known, secretHash] = await Promise.all([findKey(id, now, keys), sha256Hex(secret)])
  if (known === null || !sameDigest(known.secretHash, secretHash)) return null
  return isOver(known, now) ? null : known.caller
}

/** Whose key it is, which was proved before; null for one that was revoked or has expired since. */
export async function findValidCaller(
  id: string,
  { clock, keys }: Pick<Ports, 'clock' | 'keys'>,
): Promise<Caller | null> {
  const now = clock()
  const known = await findKey(id, now, keys)
  return known === null || isOver(known, now) ? null : known.caller
}

function isOver({ expiresAt }: KnownKey, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}

/** Spares the next look for a key that was read at `now`. */
export function rememberKey(known: KnownKey, now: number): void {
  cache.set(known.caller.id, { ...known, readAt: now })
}

async function findKey(id: string, now: number, keys: Ports['keys']): Promise<Known | null> {
  const cached = cache.get(id)
  if (cached && now - cached.readAt >= 0 && now - cached.readAt < KEYS.cacheMs) return cached
  cache.delete(id)
  const found = await keys.find(id)
  if (found === null) return null
  rememberKey(found, now)
  return { ...found, readAt: now }
}
