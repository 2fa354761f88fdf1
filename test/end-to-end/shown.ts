// What is shown of a tenant's events: by every call of every surface that shows any, and on the pages for people.

import { env } from 'cloudflare:workers'
import { Buffer } from 'node:buffer'
import { expect } from 'vitest'
import { askAdmin } from '../api/asked.ts'
import { Visitor } from '../console/visitor.ts'
import { toUlid } from '../dialects/socotra/ulid.ts'
import { createOperatorKey, send } from '../fixtures/hookline.ts'
import type { World } from './world.ts'

/** Answers of every call that shows something of events. */
export async function answers({ tenant, key }: World, tail: string): Promise<string> {
  const operator = await createOperatorKey()
  const texts: string[] = []
  const ask = async (path: string, token = key.token): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await send({ method: 'GET', path }, headers)
    // Of Hookline's own events a surface may know nothing.
    expect([200, 404], `${path}: ${answer.text}`).toContain(answer.status)
    texts.push(answer.text, ...cursorsIn(answer.text))
    return answer.body
  }
  interface List {
    readonly items: readonly { readonly id: string }[]
  }
  const events = (await ask('/v1/events?limit=100')) as List
  await ask('/v1/events?limit=2')
  for (const { id } of events.items) {
    await ask(`/v1/events/${id}?unmatched=true`)
    await ask(`/event/${tenant.id}/events/${toUlid(id)}`)
    await ask(`/api/v1/app/${tenant.id}/msg/msg_${id}`, operator.token)
  }
  const webhooks = (await ask('/v1/webhooks?limit=100')) as List
  for (const { id } of webhooks.items) {
    for (const path of ['', '/attempts?limit=1', '/attempts?limit=100', '/health']) {
      await ask(`/v1/webhooks/${id}${path}`)
    }
    const diverted = `/v1/webhooks/${id}/diverted`
    const { items } = (await ask(diverted)) as { items: { event: { id: string } }[] }
    for (const { event } of items) await ask(`${diverted}/${event.id}`)
  }
  for (const path of ['/v1/jobs', '/v1/usage', '/v1/activity', `/v1/tail?cursor=${tail}`])
    await ask(path)
  await ask(`/event/${tenant.id}/events/list`)
  await ask(`/v1/tenants/${tenant.id}/audit`, operator.token)
  await ask(`/api/v1/app/${tenant.id}/msg?with_content=true`, operator.token)
  for (const path of ['/v1/dead-letters', '/v1/audit', '/v1/jobs']) {
    texts.push((await askAdmin('GET', path)).text)
  }
  return texts.join('\n')
}

/** What opaque cursors say, whatever else is written around it. */
function cursorsIn(text: string): readonly string[] {
  const cursors = text.matchAll(/"(?:nextCursor|iterator)":"([^"]+)"/g)
  return [...cursors].map(([, cursor = '']) => Buffer.from(cursor, 'base64url').toString('latin1'))
}

/** Pages that differ by what they are about alone. */
const PAGES_OF_A_KIND = 6

/** The pages about a tenant that lead to each other. */
export async function pages({ tenant }: World): Promise<string> {
  const visitor = new Visitor()
  await visitor.signIn((await createOperatorKey()).token)
  const root = `/console/tenants/${tenant.id}`
  const found = new Set([root])
  const kinds = new Map<string, number>()
  const texts: string[] = []
  for (const path of found) {
    const { html, status } = await visitor.ask(path)
    expect(status, path).toBe(200)
    texts.push(html)
    for (const [, link = ''] of html.matchAll(/href="([^"#]+)/g)) {
      const to = link.replaceAll('&amp;', '&')
      if (!to.startsWith(`${root}/`) || to.includes('/stream')) continue
      const kind = to.replaceAll(/[\da-f-]{36}|=[^&]*/g, '')
      const seen = kinds.get(kind) ?? 0
      kinds.set(kind, seen + 1)
      if (seen < PAGES_OF_A_KIND) found.add(to)
    }
  }
  const admin = new Visitor()
  await admin.signIn(env.ADMIN_TOKEN ?? '')
  for (const path of ['/console/dead-letters', '/console/jobs', '/console/audit']) {
    const { html, status } = await admin.ask(path)
    if (status !== 404) texts.push(html)
  }
  return texts.join('\n')
}
