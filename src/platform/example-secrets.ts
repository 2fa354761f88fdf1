// The values of .dev.vars.example, which everybody knows: a deployment that was given one refuses every request.

/** Of .dev.vars.example (test/platform/example-secrets.test.ts). */
export const EXAMPLES = {
  ADMIN_TOKEN: 'dev-admin-token',
  SECRETS_KEY: 'aG9va2xpbmUtZGV2ZWxvcG1lbnQta2V5LTMyLWJ5dGU=',
  SIGNING_KEYS:
    'MC4CAQAwBQYDK2VwBCIEIGhvb2tsaW5lLWRldmVsb3BtZW50LXNpZ25pbmcta2V5,' +
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaG9va2xpbmUtZGV2ZWxvcG1lbnQtc2lnbmluZy1rZXmhRANCAASmYIiTPqBwbteZz8b8jo9QgWYduKebfcRPm9LQRZxybIjcP7HCkPwHemVRCyi0Num666nzr7xO6XnTnSatrzUR',
} as const

export type SecretName = keyof typeof EXAMPLES

/** How to make a value of one's own. */
export const MADE_BY = {
  ADMIN_TOKEN: 'openssl rand -hex 32',
  SECRETS_KEY: 'openssl rand -base64 32',
  SIGNING_KEYS:
    'openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -nocrypt -outform DER | openssl base64 -A',
} as const satisfies Record<SecretName, string>

type Bindings = { readonly [Name in SecretName | 'ALLOW_PRIVATE_TARGETS']?: string }

/**
 * A sentence about the first secret whose value is the example, and how to replace it; null when there is none, and in
 * local development, where ALLOW_PRIVATE_TARGETS is on and examples are what is meant. Of several keys of SECRETS_KEY the first one
 * counts: an example behind it seals nothing any more, and has to be there until what it sealed is re-encrypted. Of SIGNING_KEYS all
 * count: verifiers trust each that is published.
 */
export function findExampleSecret(env: Bindings): string | null {
  if (env.ALLOW_PRIVATE_TARGETS === 'true') return null
  if (isExample('ADMIN_TOKEN', env.ADMIN_TOKEN ?? '')) return complain('ADMIN_TOKEN')
  if (isExample('SECRETS_KEY', env.SECRETS_KEY ?? '')) return complain('SECRETS_KEY')
  if (isExample('SIGNING_KEYS', env.SIGNING_KEYS ?? '')) return complain('SIGNING_KEYS')
  return null
}

/** Whether a secret has the value that .dev.vars.example gives it. */
export function isExample(name: SecretName, value: string): boolean {
  const entries = value.split(',').map((entry) => entry.trim())
  if (name !== 'SIGNING_KEYS') return entries[0] === EXAMPLES[name]
  const examples = EXAMPLES[name].split(',')
  return entries.some((entry) => examples.includes(entry))
}

function complain(name: SecretName): string {
  return (
    `${name} has the value of .dev.vars.example, which everybody knows, so every request is refused. ` +
    `Make one of your own (${MADE_BY[name]}), keep it, and give it to: npx wrangler secret put ${name}`
  )
}
