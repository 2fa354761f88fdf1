// Who is signed in: a cookie that only these pages read, signed, and good for nothing else.

import type { MiddlewareHandler } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import type { Session, SignedIn } from '../engine/model/index.ts'
import { EngineError } from '../errors.ts'
import { readText } from '../http/body.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { CONSOLE } from '../limits.ts'
import { sameDigest, sha256Hex } from '../primitives/digest.ts'
import { begin, type ConsoleContext, type ConsoleEnv, visitOf } from './context.ts'
import { type Api, v1As } from './v1.ts'

const PATH = '/console'

/** On https it is one that no subdomain can set (RFC 6265bis, "The __Secure- and __Host- prefixes": its path is `/` then). */
function cookieOf(url: string) {
  const secure = new URL(url).protocol === 'https:'
  const name = secure ? '__Host-hookline' : 'hookline'
  const options = { httpOnly: true, sameSite: 'Strict', secure, path: secure ? '/' : PATH } as const
  return { name, options }
}

/** Another administrator's token makes all cookies worthless. */
function signingKey({ env }: SurfaceContext): Promise<string> {
  return sha256Hex(`console cookie\n${env.adminToken}`)
}

function administratorOf({ env }: SurfaceContext): Promise<string> {
  return sha256Hex(`console session\n${env.adminToken}`)
}

/** Begins a session, a new one whatever the browser had, and sets its cookie. */
export async function beginSession(c: ConsoleContext, signedIn: SignedIn): Promise<void> {
  const keyId = signedIn === 'administrator' ? null : signedIn.id
  const begun = await c.env.engine.sessions.begin(keyId, await administratorOf(c))
  const { name, options } = cookieOf(c.req.url)
  await setSignedCookie(c, name, `${begun.session.id}.${begun.secret}`, await signingKey(c), {
    ...options,
    maxAge: CONSOLE.sessionSeconds,
  })
}

export function forgetCookie(c: ConsoleContext): void {
  const { name, options } = cookieOf(c.req.url)
  deleteCookie(c, name, options)
}

interface Present {
  readonly session: Session
  readonly signedIn: SignedIn
  readonly secret: string
}

/** The session that a request brings; null for none that is valid. */
export async function presentSession(c: ConsoleContext): Promise<Present | null> {
  const { name } = cookieOf(c.req.url)
  const value = await getSignedCookie(c, await signingKey(c), name)
  if (!value) return null
  const [id = '', secret = ''] = value.split('.')
  const found = await c.env.engine.sessions.find(id, secret, await administratorOf(c))
  return found && { ...found, secret }
}

/** Before each page that is somebody's: sends whoever is not signed in to do that first. */
export function withSession(api: Api): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const present = await presentSession(c)
    if (present === null) {
      const { pathname, search } = new URL(c.req.url)
      const isRead = c.req.method === 'GET' && pathname !== PATH
      const after = isRead ? `?next=${encodeURIComponent(`${pathname}${search}`)}` : ''
      return c.redirect(`${PATH}/sign-in${after}`, 303)
    }
    const { session, signedIn, secret } = present
    if (signedIn !== 'administrator') c.set('caller', signedIn)
    const v1 = v1As({ api, env: c.env, ctx: c.executionCtx, signedIn })
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
