// What the tests of `/v1` share: a caller, and how a refusal looks.

import { env } from 'cloudflare:workers'
import {
  type Answer,
  createKey,
  createTenant,
  send,
  sendAs,
  type TestTenant,
} from '../fixtures/hookline.ts'

/** An id that is nobody's. */
export const NOBODY = '01900000-0000-7000-8000-000000000000'

export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

/** A text is sent as it is, anything else as JSON. */
function toText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

export function asking(
  sendCall: (call: { method: string; path: string; body?: string }) => Promise<Answer>,
): Ask {
  return (method, path, body) =>
    sendCall({ method, path, ...(body !== undefined && { body: toText(body) }) })
}

/** Asks as the administrator. */
export const askAdmin: Ask = asking((call) =>
  send(call, { authorization: `Bearer ${env.ADMIN_TOKEN}` }),
)

/** Asks as a new tenant with these permissions; all of them unless told. */
export async function newCaller(
  permissions?: readonly string[],
  tenant?: TestTenant,
): Promise<{ ask: Ask; tenant: TestTenant }> {
  const owner = tenant ?? (await createTenant())
  const key = await createKey(owner, permissions ? { permissions } : {})
  return { ask: asking(sendAs(key)), tenant: owner }
}

/** Status, code and paths of a refusal, and whether it is a problem document at all. */
export function refusal({ status, headers, body }: Answer) {
  const {
    code,
    errors = [],
    ...rest
  } = body as {
    code: string
    errors?: { path: string }[]
    status: number
    type: string
    title: string
    detail: string
  }
  return {
    status,
    code,
    paths: errors.map(({ path }) => path),
    isProblem:
      headers.get('content-type') === 'application/problem+json' &&
      rest.status === status &&
      [rest.type, rest.title, rest.detail].every((text) => text.length > 0),
  }
}

/** A refusal of input at these paths. */
export function invalidAt(...paths: string[]) {
  return { status: 400, code: 'invalid', paths, isProblem: true }
}

export function refused(status: number, code: string) {
  return { status, code, paths: [], isProblem: true }
}

/** What a created thing is called. */
export function idOf({ body }: Answer): string {
  return (body as { id: string }).id
}
