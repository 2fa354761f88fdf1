// One credential, every presentation (docs/contracts/README.md, "Credentials"), and the permissions of its key.

import type { MiddlewareHandler } from 'hono'
import type { Caller, Permission, SignedIn } from '../engine/model/index.ts'
import { EngineError, notFound } from '../errors.ts'
import { KEYS } from '../limits.ts'
import { fromBase64 } from '../primitives/base64.ts'
import { sameDigest, sha256Hex } from '../primitives/digest.ts'
import { refuseExampleSecret } from './example-secrets.ts'
import { isUuid } from './ids.ts'
import type { SurfaceContext, SurfaceEnv } from './surface.ts'

interface Credential {
  readonly id: string
  readonly secret: string
}

/**
 * Reads `Authorization: Bearer <id>.<secret>`, `Authorization: Basic base64(<id>:<secret>)` or
 * `X-API-Key: <id>.<secret>`. `absent` when no such header was sent, null when it cannot be read.
 */
function readCredential(headers: Headers): Credential | 'absent' | null {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const { scheme, value } = readAuthorization(authorization)
    return presentations.get(scheme)?.(value) ?? null
  }
  const apiKey = headers.get('x-api-key')
  return apiKey === null ? 'absent' : split(apiKey.trim(), '.')
}

/** Both empty for what has another form. The scheme is in lower case. */
function readAuthorization(text: string): { readonly scheme: string; readonly value: string } {
  const [, scheme = '', value = ''] = /^\s*([A-Za-z]+) +(\S+)\s*$/.exec(text) ?? []
  return { scheme: scheme.toLowerCase(), value }
}

/** A map: a scheme may be called `constructor`. */
const presentations: ReadonlyMap<string, (value: string) => Credential | null> = new Map([
  ['bearer', (value: string) => split(value, '.')],
  [
    'basic',
    (value: string) => {
      const text = textOf(value)
      return text === null ? null : split(text, ':')
    },
  ],
])

/** RFC 7617, section 2. */
function textOf(base64: string): string | null {
  const bytes = fromBase64(base64)
  return bytes && new TextDecoder().decode(bytes)
}

function split(token: string, separator: string): Credential | null {
  const at = token.indexOf(separator)
  if (at <= 0 || at === token.length - 1) return null
  return { id: token.slice(0, at), secret: token.slice(at + 1) }
}

/**
 * Proves the caller's key and sets `caller`, and `principal` where the key is a tenant's. Throws `unauthenticated`, whose cause
 * says `absent` or what is wrong for vendors that tell the two apart; `rate_limited` for a key that asks too often.
 */
export async function authenticateKey(c: SurfaceContext): Promise<void> {
  const caller = await proveCaller(c)
  c.set('caller', caller)
  const { tenantId } = caller
  if (tenantId !== null) c.set('principal', { ...caller, tenantId })
  if ((await c.env.withinRate?.(caller.id)) === false) throw tooManyRequests()
}

async function proveCaller(c: SurfaceContext): Promise<Caller> {
  const { signedIn } = c.env
  if (signedIn === 'administrator') throw unauthenticated('administrator')
  if (signedIn !== undefined) return signedIn
  const credential = readCredential(c.req.raw.headers)
  if (credential === 'absent') throw unauthenticated('absent')
  const caller = credential && (await findCaller(credential, c))
  if (caller) return caller
  throw unauthenticated((await holdsAdminToken(c)) ? 'administrator' : 'wrong')
}

/** `authenticateKey` before every route of a surface, on a deployment that has secrets of its own. */
export const authenticate: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  refuseExampleSecret(c)
  await authenticateKey(c)
  await next()
}

/** A key that cannot be looked up says nothing about the caller: `unavailable`, worth another try. */
async function findCaller({ id, secret }: Credential, c: SurfaceContext): Promise<Caller | null> {
  try {
    return await c.env.engine.administration.authenticate(id, secret)
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError(
      'unavailable',
      'Credentials cannot be verified at the moment. Try again later.',
      {
        retryAfterSeconds: KEYS.retryAfterSeconds,
        cause,
      },
    )
  }
}

/**
 * Who a credential is that somebody typed: the token of a key, or the administrator's; null for neither. Throws `unavailable` where keys
 * cannot be looked up, and `rate_limited` for a key that asks too often.
 */
export async function signInWith(token: string, c: SurfaceContext): Promise<SignedIn | null> {
  if (await sameText(token, c.env.adminToken)) return 'administrator'
  const credential = split(token, '.')
  const caller = credential && (await findCaller(credential, c))
  if (caller && (await c.env.withinRate?.(caller.id)) === false) throw tooManyRequests()
  return caller
}

const NO_KEY = {
  absent:
    'This request requires a credential: Authorization: Bearer <token>, Authorization: Basic <id>:<secret>, or X-API-Key: <token>.',
  wrong: 'The credential is invalid, revoked or expired.',
  administrator:
    'This request requires a key, and the administrator token is none: where it is accepted, it is a bearer token. Create a key with POST /v1/tenants/{tenant}/keys.',
} as const

function unauthenticated(cause: keyof typeof NO_KEY): EngineError {
  return new EngineError('unauthenticated', NO_KEY[cause], { cause })
}

/** Whether the administrator's token stands where a key's should, in whichever presentation. */
async function holdsAdminToken(c: SurfaceContext): Promise<boolean> {
  const { scheme, value } = readAuthorization(c.req.header('authorization') ?? '')
  const given =
    scheme === 'basic'
      ? (textOf(value)?.replace(/^[^:]*:/, '') ?? '')
      : value || (c.req.header('x-api-key')?.trim() ?? '')
  return sameText(given, c.env.adminToken)
}

function tooManyRequests(): EngineError {
  return new EngineError(
    'rate_limited',
    'Too many requests were made with this key. Try again later.',
    {
      retryAfterSeconds: KEYS.ratePeriodSeconds,
    },
  )
}

/** Throws `forbidden`, naming the permission, unless the key that was proved has all of them. */
export function checkPermissions(c: SurfaceContext, permissions: readonly Permission[]): void {
  for (const permission of permissions) {
    if (!c.get('caller').permissions.includes(permission)) {
      throw new EngineError('forbidden', `This key does not have the permission ${permission}.`)
    }
  }
}

/** Throws `forbidden` for the key of a tenant. */
export function requireOperatorKey(c: SurfaceContext): void {
  if (c.get('caller').kind === 'operator') return
  throw new EngineError(
    'forbidden',
    'This request requires an operator key or the administrator token. This is the key of a tenant.',
  )
}

/** Throws `forbidden` for an operator key. */
export function requireTenantKey(c: SurfaceContext): void {
  if (c.get('caller').kind === 'tenant') return
  throw new EngineError(
    'forbidden',
    'This request requires the key of a tenant. An operator key belongs to none: use it where the path names the tenant, as in /v1/tenants/{tenant}/webhooks.',
  )
}

/**
 * The id of the tenant that a path names, for a caller that may act for it, which is from then on its `principal`: the administrator
 * and an operator key for any, the key of a tenant for its own. Throws `not_found`: another's reads like none.
 */
export async function actForTenant(name: string, c: SurfaceContext): Promise<string> {
  // Set only for a key: the administrator is no caller.
  const caller: Caller | undefined = c.get('caller')
  if (caller && caller.tenantId === name.toLowerCase()) return caller.tenantId
  const id = await c.env.engine.administration.getTenantId(name)
  if (caller && caller.tenantId !== null && caller.tenantId !== id) throw notFound('tenant')
  if (caller) c.set('principal', { ...caller, tenantId: id })
  return id
}

/**
 * Throws `unauthenticated` unless the request carries the administrator's token as a bearer. What has the form of a key
 * is called one, whether or not there is such a key: that is not looked up, so that nobody learns it here.
 */
export async function requireAdmin(c: SurfaceContext): Promise<void> {
  if (await isAdmin(c)) return
  const credential = readCredential(c.req.raw.headers)
  const looksLikeKey = credential !== null && credential !== 'absent' && isUuid(credential.id)
  const remark = looksLikeKey ? ' The credential looks like a key, which is not accepted here.' : ''
  throw new EngineError(
    'unauthenticated',
    `This request requires the administrator token: Authorization: Bearer <ADMIN_TOKEN>.${remark}`,
  )
}

/** Whether the request carries the administrator's token as a bearer. */
export async function isAdmin(c: SurfaceContext): Promise<boolean> {
  if (c.env.signedIn !== undefined) return c.env.signedIn === 'administrator'
  const token = /^Bearer +(\S+)\s*$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
  return sameText(token, c.env.adminToken)
}

/** Compares digests, so that the time taken says nothing about the expected text, its length included. */
async function sameText(given: string, expected: string): Promise<boolean> {
  // A deployment whose secret was never set has undefined here, whatever the type says, which would encode like ''.
  if (!expected) return false
  return sameDigest(await sha256Hex(given), await sha256Hex(expected))
}
