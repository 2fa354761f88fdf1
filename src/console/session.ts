// Who is signed in: a cookie that only these pages read, signed, and good for nothing else.

import type { MiddlewareHandler } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import type { BegunSession } from '../engine/index.ts'
import type { Session, SignedIn } from '../engine/model/index.ts'
import { EngineError } from '../errors.ts'
import { readText } from '../http/body.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { type Api, v1As } from '../http/v1.ts'
import { CONSOLE } from '../limits.ts'
import { sameDigest, sha256Hex } from '../primitives/digest.ts'
import { begin, type ConsoleContext, type ConsoleEnv, visitOf } from './context.ts'
import { presentationOf } from './presentation.ts'

/** Names of the cookies, by where they are good. */
const NAMES = { '/console': 'hookline', '/portal': 'portal' } as const

/**
 * On https it is one that no subdomain can set (RFC 6265bis, "The __Secure- and __Host- prefixes": its path is `/` then). Where pages may
 * be framed it is sent in a frame of another site, too, and kept apart for each (CHIPS, "Partitioned").
 */
function cookieOf(c: ConsoleContext) {
  const { base, frameOrigins } = presentationOf(c)
  const isFramed = frameOrigins.length > 0
  // Browsers take this machine for safe without https.
  const secure = isFramed || new URL(c.req.url).protocol === 'https:'
  const name = secure ? `__Host-${NAMES[base]}` : NAMES[base]
  const site = isFramed
    ? ({ sameSite: 'None', partitioned: true } as const)
    : ({ sameSite: 'Strict' } as const)
  const options = { httpOnly: true, secure, path: secure ? '/' : base, ...site }
  return { name, options }
}

/** Another administrator's token makes all cookies worthless. A cookie of one kind of pages is none of another's. */
function signingKey(c: ConsoleContext): Promise<string> {
  return sha256Hex(`${presentationOf(c).base.slice(1)} cookie\n${c.env.adminToken}`)
}

function administratorOf({ env }: SurfaceContext): Promise<string> {
  return sha256Hex(`console session\n${env.adminToken}`)
}

/** Begins a session, a new one whatever the browser had, and sets its cookie. */
export async function beginSession(c: ConsoleContext, signedIn: SignedIn): Promise<void> {
  const keyId = signedIn === 'administrator' ? null : signedIn.id
  await setCookieOf(c, await c.env.engine.sessions.begin(keyId, await administratorOf(c)))
}

/** Sets the cookie of a session that was begun. */
export async function setCookieOf(c: ConsoleContext, begun: BegunSession): Promise<void> {
  const { name, options } = cookieOf(c)
  await setSignedCookie(c, name, `${begun.session.id}.${begun.secret}`, await signingKey(c), {
    ...options,
    maxAge: CONSOLE.sessionSeconds,
  })
}

export function forgetCookie(c: ConsoleContext): void {
  const { name, options } = cookieOf(c)
  deleteCookie(c, name, options)
}

interface Present {
  readonly session: Session
  readonly signedIn: SignedIn
  readonly secret: string
}

/** The session that a request brings; null for none that is valid. */
export async function presentSession(c: ConsoleContext): Promise<Present | null> {
  const { name } = cookieOf(c)
  const value = await getSignedCookie(c, await signingKey(c), name)
  if (!value) return null
  const [id = '', secret = ''] = value.split('.')
  const found = await c.env.engine.sessions.find(id, secret, await administratorOf(c))
  return found && { ...found, secret }
}

/** Before each page that is somebody's. `orElse`: what whoever is not signed in gets. */
export function withSession(
  api: Api,
  orElse: (c: ConsoleContext) => Response | Promise<Response>,
): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const present = await presentSession(c)
    if (present === null) return orElse(c)
    const { session, signedIn, secret } = present
    if (signedIn !== 'administrator') c.set('caller', signedIn)
    const v1 = v1As({
      api,
      env: {
        ...c.env,
        signedIn,
        signedInAt: presentationOf(c).pages,
        isStillSignedIn: async () => (await presentSession(c)) !== null,
      },
      ctx: c.executionCtx,
    })
    begin(c, { session, signedIn, formToken: await formTokenOf(secret), v1 })
    await next()
  }
}

function formTokenOf(secret: string): Promise<string> {
  return sha256Hex(`console form\n${secret}`)
}

/** The fields of a form of this session. Throws `forbidden` for one that another site made. */
export async function readForm(c: ConsoleContext): Promise<URLSearchParams> {
  const form = await readFields(c)
  const given = form.get('form-token') ?? ''
  const isOurs = sameDigest(await sha256Hex(given), await sha256Hex(visitOf(c).formToken))
  if (isOurs) return form
  throw new EngineError(
    'forbidden',
    'This form is not of your present session. Go back, reload the page and send it again.',
  )
}

/** The fields of a form, whoever made it. */
export async function readFields(c: ConsoleContext): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(c.req.raw, CONSOLE.formBytes))
}
