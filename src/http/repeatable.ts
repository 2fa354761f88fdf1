// Operations that may be repeated under an `Idempotency-Key`: who repeats one gets what the first was answered.

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { IDEMPOTENCY } from '../limits.ts'
import { sha256Hex } from '../primitives/digest.ts'
import { readText } from './body.ts'
import type { Operation } from './operation.ts'
import type { SurfaceContext } from './surface.ts'

const HEADER = 'Idempotency-Key'
const VISIBLE = new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY.keyChars}}$`)

/** An answer as it is kept; a body of null is that of a 204. */
const Kept = z.object({ status: z.int(), body: z.string().nullable() })

/** The key of a request; undefined where there is none. Throws `invalid` for what cannot be one. */
export function readIdempotencyKey(c: SurfaceContext): string | undefined {
  const key = c.req.header(HEADER)
  if (key === undefined || VISIBLE.test(key)) return key
  const message = `Expected 1 to ${IDEMPOTENCY.keyChars} visible ASCII characters.`
  throw invalid([HEADER], message)
}

/** The same operation, remembered by its caller, path and key; without a key it is done each time. */
export function repeatable({ description, answer }: Operation): Operation {
  return {
    description,
    answer: async (c, ids) => {
      const key = readIdempotencyKey(c)
      if (key === undefined) return answer(c, ids)
      const { method, url, headers } = c.req.raw
      const body = await readText(c.req.raw)
      c.req.raw = new Request(url, { method, headers, body })
      const { pathname, search } = new URL(url)
      const text = await c.env.engine.repeatedCalls.once(
        {
          key: await sha256Hex(JSON.stringify([c.get('caller').id, method, pathname, key])),
          contentHash: await sha256Hex(`${search}\n${body}`),
        },
        async () => {
          const { status, ...response } = await keep(await answer(c, ids))
          return JSON.stringify({ status, ...response })
        },
      )
      const kept = Kept.parse(JSON.parse(text))
      if (kept.body === null) return c.body(null, 204)
      return c.body(kept.body, toStatus(kept.status), { 'content-type': 'application/json' })
    },
  }
}

async function keep(response: Response): Promise<z.infer<typeof Kept>> {
  const { status } = response
  return { status, body: status === 204 ? null : await response.text() }
}

const STATUSES = [200, 201, 202] as const satisfies readonly ContentfulStatusCode[]

/** Of an operation that was not refused. */
function toStatus(status: number): ContentfulStatusCode {
  return STATUSES.find((known) => known === status) ?? 200
}
