// Which web pages may ask the MCP server: without this, any page could have a browser ask one that runs on its machine, under a name of
// its own that leads there (DNS rebinding). https://modelcontextprotocol.io/specification/2025-11-25/basic/transports, "Security Warning".

import { EngineError } from '../errors.ts'
import type { SurfaceContext } from '../http/surface.ts'

/** Names of this machine, which no page of another one can have. */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Throws `forbidden` for a page that is neither the deployment's own nor of an origin that it allows. What is no page sends no `Origin`. */
export function refuseForeignOrigin({ env, req }: Pick<SurfaceContext, 'env' | 'req'>): void {
  const origin = req.header('origin')
  if (origin === undefined || env.allowedOrigins.has(origin)) return
  if (origin === env.publicOrigin || origin === ownOrigin(req.url)) return
  throw new EngineError(
    'forbidden',
    'Web pages of this origin may not ask the MCP server. Its operator can name it in ALLOWED_ORIGINS.',
  )
}

/**
 * The origin of the deployment as the request says it; null where that proves nothing. Over https a name leads only to whoever has a
 * certificate for it, and a name of this machine to nobody else; any other name may be one that an attacker made lead here.
 */
function ownOrigin(url: string): string | null {
  const { protocol, hostname, origin } = new URL(url)
  return protocol === 'https:' || LOOPBACK.includes(hostname) ? origin : null
}
