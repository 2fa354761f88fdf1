// Links for customers: each a key that ends by itself, and a code in an address by which pages are opened with it once.

import { validate } from 'uuid'
import { notFound } from '../../errors.ts'
import { sameDigest, sha256Hex } from '../../primitives/digest.ts'
import { newId } from '../../primitives/ids.ts'
import type { Administration, PortalLinks, Sessions } from '../api.ts'
import type { Key, PortalLink } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { findValidCaller, grant, newSecret } from './keys.ts'

interface Needed {
  readonly ports: Pick<Ports, 'clock' | 'keys' | 'portalLinks'>
  readonly sessions: Pick<Sessions, 'begin' | 'end'>
  readonly administration: Pick<Administration, 'deleteKey'>
}

export function createPortalLinks({ ports, sessions, administration }: Needed): PortalLinks {
  const { clock, portalLinks } = ports

  /** The link that a code opens; null where it is nobody's. */
  async function findByCode(code: string): Promise<PortalLink | null> {
    const [id = '', secret = ''] = code.split('.')
    if (!validate(id)) return null
    const [known, codeHash] = await Promise.all([portalLinks.find(id), sha256Hex(secret)])
    return known !== null && sameDigest(known.codeHash, codeHash) ? known.link : null
  }

  return {
    async create(tenantId, draft, grantable) {
      const now = clock()
      const { name, subject, permissions, featureFlags, expiresAt, keyExpiresAt } = draft
      const key: Key = {
        ...{ id: newId(now), tenantId, name, subject, createdAt: now, expiresAt: keyExpiresAt },
        ...{ permissions: grant(permissions, permissions, grantable), featureFlags },
      }
      const [code, secret] = [newSecret(), newSecret()]
      const link: PortalLink = { key, expiresAt, usedAt: null }
      const codeHash = await sha256Hex(code)
      await portalLinks.insert({ link, codeHash }, await sha256Hex(secret))
      return { link, code: `${key.id}.${code}`, secret }
    },
    list: (tenantId, page) => portalLinks.list(tenantId, page),
    async revoke(tenantId, id) {
      const known = await portalLinks.find(id)
      if (known?.link.key.tenantId !== tenantId) throw notFound('portal link')
      return administration.deleteKey(tenantId, id)
    },
    isOfLink: async (keyId) => (await portalLinks.find(keyId)) !== null,
    async look(code) {
      const link = await findByCode(code)
      return link === null ? 'unknown' : stateOf(link, clock())
    },
    async open(code) {
      const link = await findByCode(code)
      if (link === null) return { state: 'unknown' }
      const now = clock()
      const state = stateOf(link, now)
      if (state !== 'usable') return { state }
      const caller = await findValidCaller(link.key.id, ports)
      if (caller === null) return { state: 'unknown' }
      // Begun first: a link that was used up opened something, and of two that open it at once one has.
      const begun = await sessions.begin(link.key.id, '')
      if (await portalLinks.use(link.key.id, now)) {
        return { state: 'opened', link, caller, begun }
      }
      await sessions.end(begun.session.id)
      return { state: 'used' }
    },
  }
}

function stateOf({ key, expiresAt, usedAt }: PortalLink, now: number) {
  if (usedAt !== null) return 'used'
  const endsAt = Math.min(expiresAt, key.expiresAt ?? expiresAt)
  return endsAt <= now ? 'expired' : 'usable'
}
