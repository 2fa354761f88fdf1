// The public keys of HTTP signatures, where verifiers look for them: of no surface, for everybody, and to be kept for a while
// (docs/signatures.md).

import { Hono } from 'hono'
import { HTTP_SIGNATURE } from '../engine/model/index.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import type { SurfaceEnv } from '../http/surface.ts'
import { answerProblem } from './problem.ts'

const CACHED = { 'cache-control': `public, max-age=${HTTP_SIGNATURE.publishedSeconds}` }

/** RFC 7518, section 3.1, and RFC 8037, section 3.1. */
const ALGORITHM_OF_CURVE: Readonly<Record<string, string>> = { Ed25519: 'EdDSA', 'P-256': 'ES256' }

/** To be mounted at `/.well-known`. */
export function createKeyDirectory(): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>()
  app.onError(answerProblem)
  // draft-meunier-http-message-signatures-directory-03, section 3: signed, so that nobody passes it off as another host's.
  app.get('/http-message-signatures-directory', async (c) => {
    refuseExampleSecret(c)
    const { system } = c.env.engine
    const keys = await system.publicKeys()
    const signed = await system.signDirectory(new URL(c.req.url).host)
    return c.body(JSON.stringify({ keys }), 200, {
      'content-type': 'application/http-message-signatures-directory+json',
      ...CACHED,
      ...Object.fromEntries(signed),
    })
  })
  // RFC 7517, section 5.
  app.get('/jwks.json', async (c) => {
    refuseExampleSecret(c)
    const keys = await c.env.engine.system.publicKeys()
    const named = keys.map((key) => ({ ...key, alg: ALGORITHM_OF_CURVE[key.crv] }))
    return c.body(JSON.stringify({ keys: named }), 200, {
      'content-type': 'application/jwk-set+json',
      ...CACHED,
    })
  })
  for (const path of ['/http-message-signatures-directory', '/jwks.json']) {
    refuseOtherMethods(app, path, ['GET'])
  }
  return app
}
