// The public keys of a deployment as verifiers fetch them, and the signatures that bind them to where they are served
// (draft-meunier-http-message-signatures-directory-03, section 5.2).

import { type Header, HTTP_SIGNATURE, type HttpSigning, type PublicJwk } from '../model/index.ts'
import { signerOf } from './signing-keys.ts'
import { toSfBytes, toSfInnerList } from './structured-fields.ts'

/** Of a directory; the only thing that Cloudflare's validator knows to cover (crates.io, http-signature-directory). */
const COVERED = '"@authority";req'

/** Those that sign come first. */
export function publicKeys({ keys }: Pick<HttpSigning, 'keys'>): Promise<readonly PublicJwk[]> {
  return Promise.all(keys.map(async (key) => (await signerOf(key)).jwk))
}

/** One signature by each key, for an answer to a request that was sent to `authority`; `now`: Unix milliseconds. */
export async function signDirectory(
  { keys }: Pick<HttpSigning, 'keys'>,
  authority: string,
  now: number,
): Promise<readonly Header[]> {
  const created = Math.floor(now / 1_000)
  const signatures = await Promise.all(
    keys.map(async (key, index) => {
      const { jwk, sign } = await signerOf(key)
      const parameters = toSfInnerList(
        [COVERED],
        [
          ['created', created],
          ['expires', created + HTTP_SIGNATURE.directoryValidSeconds],
          ['keyid', jwk.kid],
          ['tag', 'http-message-signatures-directory'],
        ],
      )
      const base = `${COVERED}: ${authority}\n"@signature-params": ${parameters}`
      const label = `sig${index + 1}`
      const signed = await sign(new TextEncoder().encode(base))
      return { input: `${label}=${parameters}`, signature: `${label}=${toSfBytes(signed)}` }
    }),
  )
  return [
    ['signature-input', signatures.map(({ input }) => input).join(', ')],
    ['signature', signatures.map(({ signature }) => signature).join(', ')],
  ]
}
