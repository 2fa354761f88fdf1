// The deployment's variables, read once from the bindings.

import type { Settings } from '../engine/ports.ts'
import type { Env } from './env.ts'

/** Texts among the bindings that are the platform's alone. */
const SECRETS: ReadonlySet<string> = new Set(['ADMIN_TOKEN', 'SECRETS_KEY'] satisfies (keyof Env)[])

/** Throws for a variable that cannot be meant: a deployment with it should not start quietly. */
export function readSettings(env: Pick<Env, 'DELAY_SCALE'>): Settings {
  const delayScale = Number(env.DELAY_SCALE || '1')
  if (!(delayScale > 0)) throw new Error('DELAY_SCALE must be a number above 0.')
  return { delayScale, variables: readVariables(env) }
}

/** Every variable by name, for what a dialect lets be configured; the secrets are not among them. */
function readVariables(env: object): Settings['variables'] {
  const bindings: readonly (readonly [name: string, value: unknown])[] = Object.entries(env)
  return Object.fromEntries(
    bindings.flatMap(([name, value]) =>
      typeof value === 'string' && !SECRETS.has(name) ? [[name, value] as const] : [],
    ),
  )
}
