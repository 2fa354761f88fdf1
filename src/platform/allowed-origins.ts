// The variable ALLOWED_ORIGINS: origins whose web pages may call this deployment, separated by commas.

import type { Env } from './env.ts'
import { oncePerEnv } from './once-per-env.ts'

/** Empty when none is named. Throws for what is no origin, `*` included: it would never match, or match too much. */
export function readAllowedOrigins(variable: string | undefined): ReadonlySet<string> {
  const origins = (variable ?? '').split(',').map((origin) => origin.trim())
  const named = origins.filter((origin) => origin !== '')
  for (const origin of named) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || origin.includes('*')) {
      throw new Error(
        `ALLOWED_ORIGINS must be a comma-separated list of origins such as https://app.example. Not an origin: ${origin}`,
      )
    }
  }
  return new Set(named)
}

/** `readAllowedOrigins`, once. */
export const allowedOriginsOf = oncePerEnv(({ ALLOWED_ORIGINS }: Pick<Env, 'ALLOWED_ORIGINS'>) =>
  readAllowedOrigins(ALLOWED_ORIGINS),
)
