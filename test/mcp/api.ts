// The MCP server alone, on a `/v1` of the test's making.

import { createExecutionContext } from 'cloudflare:test'
import { type Caller, PERMISSIONS } from '../../src/engine/model/index.ts'
import type { LogLine } from '../../src/engine/ports/index.ts'
import type { SurfaceBindings } from '../../src/http/surface.ts'
import { createMcp } from '../../src/mcp/index.ts'
import { NOBODY } from '../api/asked.ts'

const caller: Caller = {
  ...{ id: NOBODY, kind: 'tenant', tenantId: NOBODY, subject: null },
  ...{ permissions: PERMISSIONS, featureFlags: null },
}

/** `answer`: what `/v1` answers whatever is asked. */
export function withApi(answer: (request: Request) => Response) {
  const lines: LogLine[] = []
  const bindings = {
    log: (line: LogLine) => lines.push(line),
    allowedOrigins: new Set(),
    engine: { administration: { authenticate: async () => caller } },
  } as unknown as SurfaceBindings
  const app = createMcp({ fetch: answer })
  return {
    lines,
    ask: async (name: string, args: object, signal?: AbortSignal): Promise<Response> => {
      const request = new Request('https://hookline.test/', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${NOBODY}.secret`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({
          ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
          params: { name, arguments: args },
        }),
        ...(signal && { signal }),
      })
      return app.fetch(request, bindings, createExecutionContext())
    },
  }
}
