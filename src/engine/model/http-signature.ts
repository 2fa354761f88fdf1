// That requests to a webhook have an HTTP message signature (RFC 9421), and the keys of the deployment that make it.

/**
 * Beside the signatures of Standard Webhooks: what is signed, and how its receiver finds the key, as bot protection reads it, or as UCP
 * asks of a business (docs/signatures.md).
 */
export type HttpSignature =
  | { readonly profile: 'standard' }
  /** `ucpAgent`: the profile of the business, which lists the keys of this deployment. */
  | { readonly profile: 'ucp'; readonly ucpAgent: string }

/** In seconds. */
export const HTTP_SIGNATURE = {
  /**
   * For which the signature of a request is valid: as long as libraries of Standard Webhooks take its timestamp
   * (github.com/standard-webhooks/standard-webhooks, libraries, tolerance of 5 minutes).
   */
  validSeconds: 300,
  /** For which verifiers may keep the published keys; ours. A key is published for longer than that before it signs. */
  publishedSeconds: 3_600,
  /** For which the signatures of the published keys are valid: at most a day (draft-meunier-web-bot-auth-architecture-02, section 4.2). */
  directoryValidSeconds: 86_400,
} as const

/** Of the signature algorithms of RFC 9421, section 6.2, `ed25519` and `ecdsa-p256-sha256`. */
export type SigningAlgorithm = 'ed25519' | 'es256'

/** A private key of SIGNING_KEYS. */
export interface SigningKey {
  readonly algorithm: SigningAlgorithm
  /** PKCS #8, base64. */
  readonly pkcs8: string
}

/** What the deployment signs with. */
export interface HttpSigning {
  /** Of each algorithm the first one signs; all are published. */
  readonly keys: readonly SigningKey[]
  /** Why there is no key, as a sentence; null where there is one. */
  readonly flaw: string | null
  /** Origin at which the keys are published; null: nobody told, and requests do not say it. */
  readonly agent: string | null
}

/** A public key as it is published (RFC 7517; RFC 8037 for Ed25519). `kid`: its thumbprint (RFC 7638). */
export interface PublicJwk {
  readonly kid: string
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
  readonly use: 'sig'
}
