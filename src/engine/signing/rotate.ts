// Rotation: a new secret takes over, the former ones go on signing until the grace ends.

import { SIGNING } from '../../config.ts'
import type { SigningSecret } from '../model.ts'

/**
 * The secrets after a rotation at `now` (Unix milliseconds), newest first. Former ones expire `graceSeconds` later unless
 * they expire before that anyway; expired ones and the oldest beyond the limit are dropped.
 */
export function rotate(
  secrets: readonly SigningSecret[],
  newSecret: string,
  graceSeconds: number,
  now: number,
): readonly SigningSecret[] {
  const graceEnds = now + graceSeconds * 1_000
  const former = secrets
    .filter(({ secret }) => secret !== newSecret)
    .map(({ secret, expiresAt }) => ({
      secret,
      expiresAt: expiresAt === null ? graceEnds : Math.min(expiresAt, graceEnds),
    }))
    .filter(({ expiresAt }) => expiresAt > now)
  return [{ secret: newSecret, expiresAt: null }, ...former].slice(0, SIGNING.keptSecrets)
}
