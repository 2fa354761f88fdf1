// Calling a route of the app, and comparing what two callers see.

import type { TestKey } from '../fixtures/hookline.ts'
import type { TestWorker } from '../fixtures/worker.ts'
import { surfaceOf } from './access-table.ts'
import type { Fields } from './credentials.ts'
import { pathOf, type Route } from './routes.ts'
import { type Ids, valueFor } from './tenants.ts'

export interface Seen {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export async function callRoute(
  worker: Pick<TestWorker, 'fetch'>,
  route: Route,
  path: string,
  fields: Fields,
  body: object | undefined,
): Promise<Seen> {
  const response = await worker.fetch(
    new Request(`https://hookline.test${path}`, {
      method: route.method,
      headers: fields.map(([name, value]) => [name, value]),
      body: body === undefined ? null : JSON.stringify(body),
    }),
  )
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export const pathFor = (route: Route, ids: Ids) => {
  const { pattern } = route
  const path = pathOf(route, (name) => valueFor(pattern, surfaceOf(pattern), ids, name))
  return pattern.includes('/:attemptId/') ? `${path}?eventId=${ids.delivered}` : path
}

export const bearer = ({ token }: TestKey): Fields => [['authorization', `Bearer ${token}`]]

/** All that a caller can tell answers apart by, but ids and dates. */
export function comparable({ status, headers, text }: Seen) {
  const plain = (value: string) =>
    value
      .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, '<id>')
      .replaceAll(/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/gi, '<id>')
      .replaceAll(/instance-of-\w+/g, '<id>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
  return {
    status,
    headers: [...headers].map(([name, value]) => [name, plain(value)]),
    text: plain(text),
  }
}
