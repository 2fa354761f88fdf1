// Operations that may be repeated under an `Idempotency-Key`: who repeats one gets what the first was answered.

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import type { Principal } from '../engine/model/index.ts'
import { EngineError, invalid } from '../errors.ts'
import { CATALOGUE, IDEMPOTENCY } from '../limits.ts'
import { sha256Hex } from '../primitives/digest.ts'
import { readText } from './body.ts'
import type { Operation } from './operation.ts'
import type { SurfaceContext } from './surface.ts'

const HEADER = 'Idempotency-Key'
const VISIBLE = new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY.keyChars}}$`)

/** An answer as it is kept; a body of null is that of a 204. `tenantId`: of the tenant that it is about, null for none. */
const Kept = z.object({
  status: z.int(),
  body: z.string().nullable(),
  tenantId: z.string().nullable(),
})

/** The key of a request; undefined where there is none. Throws `invalid` for what cannot be one. */
export function readIdempotencyKey(c: SurfaceContext): string | undefined {
  const key = c.req.header(HEADER)
  if (key === undefined || VISIBLE.test(key)) return key
  const message = `Expected 1 to ${IDEMPOTENCY.keyChars} visible ASCII characters.`
  throw invalid([HEADER], message)
}

/**
 * The same operation, remembered by its caller, what its path names, and key; without a key it is done each time. A tenant counts by
 * its id: who repeats a call by a `uid` that has become another's is answered nothing of the former one's. `tellsContent`: its answers
 * may have some content of events, and go with the tenant's next erasure.
 */
export function repeatable(
  { description, answer }: Operation,
  { tellsContent = false }: { readonly tellsContent?: boolean } = {},
): Operation {
  return {
    description,
    answer: async (c, ids) => {
      const key = readIdempotencyKey(c)
      if (key === undefined) return answer(c, ids)
      const { method, url, headers } = c.req.raw
      // The most that any operation reads: which one it is looks at that itself.
      const body = await readText(c.req.raw, CATALOGUE.requestBytes)
      c.req.raw = new Request(url, { method, headers, body })
      const { search } = new URL(url)
      const { path } = description
      const text = await c.env.engine.repeatedCalls.once(
        {
          key: await sha256Hex(JSON.stringify([c.get('caller').id, method, path, [...ids], key])),
          contentHash: await sha256Hex(`${search}\n${body}`),
        },
        async () => {
          const response = await keep(await answer(c, ids))
          const tenantId = tenantIdOf(c)
          const text = JSON.stringify({ ...response, tenantId })
          return { text, contentOf: tellsContent ? tenantId : null }
        },
      )
      const kept = Kept.parse(JSON.parse(text))
      await checkTenant(kept.tenantId, { c, ids, description })
      if (kept.body === null) return c.body(null, 204)
      return c.body(kept.body, toStatus(kept.status), { 'content-type': 'application/json' })
    },
  }
}

function tenantIdOf(c: SurfaceContext): string | null {
  // Set once a call acts for a tenant.
  const principal: Principal | undefined = c.get('principal')
  return principal?.tenantId ?? null
}

/**
 * Throws `idempotency_mismatch` where an operation that looks up its tenant itself (`looksUpTenant`) was answered for another one than
 * its path names by now.
 */
async function checkTenant(
  answeredFor: string | null,
  {
    c,
    ids,
    description: { looksUpTenant },
  }: {
    readonly c: SurfaceContext
    readonly ids: ReadonlyMap<string, string>
    readonly description: Operation['description']
  },
): Promise<void> {
  if (looksUpTenant !== false || answeredFor === null || tenantIdOf(c) === answeredFor) return
  const names = [...ids.values()]
  const named = await c.env.engine.administration.findTenantIds(names)
  if ([...named.values()].includes(answeredFor)) return
  const message =
    'This Idempotency-Key was already used for another tenant, which had this name then. Use a new key.'
  throw new EngineError('idempotency_mismatch', message)
}

async function keep(response: Response): Promise<Pick<z.infer<typeof Kept>, 'status' | 'body'>> {
  const { status } = response
  return { status, body: status === 204 ? null : await response.text() }
}

const STATUSES = [200, 201, 202] as const satisfies readonly ContentfulStatusCode[]

/** Of an operation that was not refused. */
function toStatus(status: number): ContentfulStatusCode {
  return STATUSES.find((known) => known === status) ?? 200
}
