// Where this deployment is reached, and how customers' pages look there: PUBLIC_URL and the variables of the portal.

import type { Bindings } from './bindings.ts'
import { oncePerEnv } from './once-per-env.ts'

type Variables = Pick<
  Bindings,
  'PUBLIC_URL' | 'PORTAL_NAME' | 'PORTAL_LOGO_URL' | 'PORTAL_COLOR' | 'PORTAL_ORIGINS'
>

const NAME = { unlessTold: 'Webhooks', chars: 60 } as const

/** Throws for a variable that cannot be meant: a deployment with it should not start quietly. */
export function readPortalSettings(env: Variables) {
  return {
    publicOrigin: readPublicUrl(env.PUBLIC_URL || null),
    portal: {
      name: readName(env.PORTAL_NAME?.trim() || NAME.unlessTold),
      logoUrl: readLogo(env.PORTAL_LOGO_URL || null),
      color: readColor(env.PORTAL_COLOR || null),
      frameOrigins: readFrameOrigins(env.PORTAL_ORIGINS ?? ''),
    },
  }
}

/** `readPortalSettings`, once. */
export const portalSettingsOf = oncePerEnv(readPortalSettings)

/** Whether a browser takes it for safe: https, or this machine. */
function isSafe({ protocol, hostname }: URL): boolean {
  const isLocal = /^(?:.+\.)?localhost$|^127\.0\.0\.1$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLocal)
}

function readPublicUrl(text: string | null): string | null {
  if (text === null) return null
  const url = URL.parse(text)
  if (url !== null && isSafe(url) && url.origin === text.replace(/\/$/, '')) return url.origin
  throw new Error(
    'PUBLIC_URL must be the https URL at which this deployment is reached, without a path, such as https://hooks.example.com.',
  )
}

function readName(name: string): string {
  if (name.length <= NAME.chars) return name
  throw new Error(`PORTAL_NAME must have at most ${NAME.chars} characters.`)
}

function readLogo(text: string | null): string | null {
  if (text === null) return null
  const url = URL.parse(text)
  // What stands in a policy must not end there: no URL has a space, but some have these.
  if (url !== null && isSafe(url) && !/[;,]/.test(url.origin)) return url.href
  throw new Error('PORTAL_LOGO_URL must be the https URL of an image.')
}

function readColor(text: string | null): string | null {
  if (text === null) return null
  if (/^#[0-9a-f]{6}$/i.test(text)) return text.toLowerCase()
  throw new Error('PORTAL_COLOR must be a colour such as #2448c9.')
}

function readFrameOrigins(text: string): readonly string[] {
  const origins = text.split(',').flatMap((entry) => entry.trim() || [])
  for (const origin of origins) {
    const url = URL.parse(origin)
    if (url === null || !isSafe(url) || url.origin !== origin || /[*;,\s]/.test(origin)) {
      throw new Error(
        `PORTAL_ORIGINS must be a comma-separated list of origins such as https://app.example. Not one: ${origin}`,
      )
    }
  }
  return [...new Set(origins)]
}
