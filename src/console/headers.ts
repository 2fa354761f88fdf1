// Headers of every page: nothing runs there but our own files, nobody frames it who was not named, and what it links to learns nothing.

import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { ConsoleEnv } from './context.ts'
import { presentationOf } from './presentation.ts'

export const pageHeaders: MiddlewareHandler<ConsoleEnv> = (c, next) => {
  const { logoUrl, frameOrigins } = presentationOf(c)
  const isFramed = frameOrigins.length > 0
  const logo = logoUrl === null ? [] : [new URL(logoUrl).origin]
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", ...logo],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: isFramed ? [...frameOrigins] : ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    // It knows no list of origins: where there is one, the policy above has it.
    xFrameOptions: isFramed ? false : 'DENY',
    crossOriginResourcePolicy: 'same-origin',
    crossOriginOpenerPolicy: 'same-origin',
    strictTransportSecurity: false,
    xXssProtection: false,
  })
  return headers(c, next)
}
