// Rotation: a new secret takes over, the former ones go on signing until the grace ends.

import { SIGNING } from '../../limits.ts'
import type { SigningSecret } from '../model/index.ts'

export type Rotation =
  | { readonly kind: 'rotated'; readonly secrets: readonly SigningSecret[] }
  /** As many are valid as there may be: one of them expires at `until`, Unix milliseconds; null when none does. */
  | { readonly kind: 'full'; readonly until: number | null }

/**
 * The secrets after a rotation at `now` (Unix milliseconds), newest first. Former ones expire `graceSeconds` later unless
 * they expire before that anyway; expired ones are dropped. A valid one never is: receivers that were promised its
 * signature would refuse what is sent to them.
 */
export function rotate(
  secrets: readonly SigningSecret[],
  newSecret: string,
  graceSeconds: number,
  now: number,
): Rotation {
  const graceEnds = now + graceSeconds * 1_000
  const others = secrets.filter(({ secret }) => secret !== newSecret)
  const former = others
    .map(({ secret, expiresAt }) => ({
      secret,
      expiresAt: expiresAt === null ? graceEnds : Math.min(expiresAt, graceEnds),
    }))
    .filter(({ expiresAt }) => expiresAt > now)
  if (former.length < SIGNING.keptSecrets) {
    return { kind: 'rotated', secrets: [{ secret: newSecret, expiresAt: null }, ...former] }
  }
  const expiries = others.flatMap(({ expiresAt }) => expiresAt ?? []).filter((at) => at > now)
  return { kind: 'full', until: expiries.length === 0 ? null : Math.min(...expiries) }
}

/** What requests are signed with first; null where they are not signed. */
export function currentSecret(secrets: readonly SigningSecret[], now: number): string | null {
  const current = secrets.find(({ expiresAt }) => expiresAt === null || expiresAt > now)
  return current?.secret ?? null
}
