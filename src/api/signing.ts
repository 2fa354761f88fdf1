// Which secret a webhook gets: `secret` and `signing` of an input must agree, and null switches signing off.

import type { SigningSecret, Webhook } from '../engine/model/index.ts'
import {
  generateSecret,
  kindOf,
  type SigningKind,
  validateSecret,
} from '../engine/signing/index.ts'
import { invalid } from '../errors.ts'
import { nativeDialect } from './native-wire.ts'

interface SigningInput {
  readonly secret?: string | null | undefined
  readonly signing?: SigningKind | null | undefined
}

/** The secret of a new webhook; null when it is not to sign. Throws `invalid`. */
export async function chooseSecret({ secret, signing }: SigningInput): Promise<string | null> {
  const given = readSecret({ secret, signing }, nativeDialect)
  return given === undefined ? generateSecret(signing ?? 'hmac') : given
}

/** The secrets of a webhook after a change. Throws `invalid`. */
export function nextSigning(input: SigningInput, current: Webhook): readonly SigningSecret[] {
  const present = current.secrets.signing
  const given = readSecret(input, current.dialect)
  if (given === null) return []
  if (given !== undefined) return [{ secret: given, expiresAt: null }]
  const newest = present.find(({ expiresAt }) => expiresAt === null)
  if (input.signing && (newest === undefined || kindOf(newest.secret) !== input.signing)) {
    throw invalid(
      ['signing'],
      'Changing the kind of signing requires a secret of that kind in "secret".',
    )
  }
  return present
}

/** What an input says about the secret: null is none, undefined is nothing said. Throws `invalid`. */
function readSecret({ secret, signing }: SigningInput, dialect: string): string | null | undefined {
  const isOff = secret === null || signing === null
  if (isOff && (typeof secret === 'string' || typeof signing === 'string')) {
    throw invalid(
      ['signing'],
      '"secret" and "signing" must either both have a value or both be null.',
    )
  }
  if (isOff) return null
  if (secret === undefined) return undefined
  checkSecret(secret, dialect)
  if (signing && kindOf(secret) !== signing) {
    throw invalid(['signing'], `The secret is not of the kind required for ${signing}.`)
  }
  return secret
}

/**
 * Throws `invalid` for a secret that cannot sign. Without a prefix it is one of a vendor's surface
 * (docs/contracts/delivery.md, "Signatures"), and a webhook of ours takes none.
 */
export function checkSecret(secret: string, dialect: string): void {
  if (dialect === nativeDialect && !/^whs(?:ec|k)_/.test(secret)) {
    throw invalid(['secret'], 'Expected a secret that starts with whsec_ or whsk_.')
  }
  const flaw = validateSecret(secret)
  if (flaw !== null) throw invalid(['secret'], flaw)
}
