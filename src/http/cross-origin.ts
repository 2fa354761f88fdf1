// Calls from web pages of other origins (CORS): those that the deployment names, and no others. Where none is named
// nothing here happens.

import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { CROSS_ORIGIN } from '../limits.ts'
import type { SurfaceEnv } from './surface.ts'

const REQUEST_HEADERS = ['Authorization', 'X-API-Key', 'Content-Type', 'Idempotency-Key']

/** Attributes of a CloudEvent in binary mode: extensions have names of their producer's choosing. */
const ATTRIBUTE_HEADER = /^ce-[a-z0-9]+$/

/** Cookies are no credential here, so pages never need `credentials`. */
const answerNamedOrigin = (others: readonly string[]) =>
  cors({
    origin: (origin) => origin,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [...REQUEST_HEADERS, ...others],
    exposeHeaders: ['X-Request-Id', 'Retry-After', 'Allow', 'Link'],
    maxAge: CROSS_ORIGIN.preflightSeconds,
  })

/** Answers preflights, which may ask for `requestHeaders`, of named origins itself, before a credential is asked for: they never carry one. */
export const crossOrigin =
  (requestHeaders: readonly string[] = []): MiddlewareHandler<SurfaceEnv> =>
  async (c, next) => {
    const { allowedOrigins } = c.env
    if (allowedOrigins.size === 0) return next()
    if (allowedOrigins.has(c.req.header('origin') ?? '')) {
      const asked = c.req.header('access-control-request-headers')?.toLowerCase().split(',') ?? []
      const attributes = asked
        .map((name) => name.trim())
        .filter((name) => ATTRIBUTE_HEADER.test(name))
      return answerNamedOrigin([...requestHeaders, ...attributes])(c, next)
    }
    await next()
    c.header('vary', 'Origin', { append: true })
  }
