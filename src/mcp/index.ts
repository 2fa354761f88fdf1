// The MCP server, `/mcp` (docs/mcp.md): tools for agents, which ask `/v1` as their caller. What stands here is loaded with the Worker; the
// SDK and the tools are when they are first asked for.

import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type EngineErrorCode, STATUS } from '../errors.ts'
import { authenticateKey } from '../http/auth.ts'
import { readText } from '../http/body.ts'
import { errorHeaders, toEngineError } from '../http/errors.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import type { SurfaceEnv } from '../http/surface.ts'
import type { Api } from '../http/v1.ts'
import { REQUEST } from '../limits.ts'
import { parseStrictJson } from '../primitives/json-text.ts'
import { MCP } from './bounds.ts'
import { refuseForeignOrigin } from './origin.ts'

/** Headers beside the usual ones that web pages of allowed origins send it. */
export const MCP_REQUEST_HEADERS = [
  'MCP-Protocol-Version',
  'MCP-Method',
  'MCP-Name',
  'MCP-Session-Id',
  'Last-Event-ID',
]

/** Codes of JSON-RPC for what is refused before a message was read; all others are `REFUSED`, the first of those that servers may use. */
const CODES: ReadonlyMap<EngineErrorCode, number> = new Map([
  ['malformed', -32_700],
  ['internal', -32_603],
])
const REFUSED = -32_000

/** To be mounted at `/mcp`. `api` serves `/v1`. Stateless: each message is answered by itself, as JSON, and nothing is streamed. */
export function createMcp(api: Api): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>({ strict: false })
  app.onError((thrown, c) => {
    const refused = toEngineError(thrown, c)
    const error = { code: CODES.get(refused.code) ?? REFUSED, message: refused.message }
    const status: ContentfulStatusCode = STATUS[refused.code]
    return c.json({ jsonrpc: '2.0', error, id: null }, status, errorHeaders(refused))
  })
  app.use('/', async (c, next) => {
    refuseExampleSecret(c)
    refuseForeignOrigin(c)
    await next()
  })
  app.post('/', async (c) => {
    await authenticateKey(c)
    const message = parseStrictJson(await readText(c.req.raw, MCP.bodyBytes), {
      members: REQUEST.members,
    })
    const { answerMessage } = await import('./answer.ts')
    return answerMessage(message, { c, api })
  })
  refuseOtherMethods(app, '/', ['POST'])
  return app
}
