// One credential, every presentation; and what a key may not do.

import { expect } from 'vitest'
import { createKey, presentations, send, type TestKey } from '../../fixtures/hookline.ts'
import { UNKNOWN_ID } from '../subject.ts'
import {
  allCalls,
  type Behaviour,
  enter,
  expectAnswer,
  expectError,
  make,
  openWorld,
} from './world.ts'

const ALL = [
  'webhooks:read',
  'webhooks:list',
  'webhooks:write',
  'events:read',
  'events:list',
  'events:write',
  'diverted-events:read',
  'diverted-events:list',
  'diverted-events:resend',
  'diverted-events:delete',
]

export const credentials = {
  'takes its credential as bearer, basic or API key': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    for (const present of Object.values(presentations)) {
      const call = subject.calls.read(world.tenant, webhook.id)
      expectAnswer(await send(call, present(world.key)), subject.answers.read(webhook))
    }
  },

  'answers 401 without a credential, whatever the path': async (subject) => {
    const { tenant } = await openWorld()
    const calls = await allCalls(subject, tenant, subject.writeId(UNKNOWN_ID))
    for (const [, call] of calls) expectError(await send(call), 401, subject)
    const nowhere = { method: 'GET', path: `${subject.basePath}/no/such/path/at/all` }
    expectError(await send(nowhere), 401, subject)
  },

  'answers 401 for a wrong credential in every presentation': async (subject) => {
    const { tenant, key } = await openWorld()
    const other = await openWorld()
    const wrong: readonly TestKey[] = [
      { ...key, secret: `${key.secret}x`, token: `${key.token}x` },
      { ...key, secret: other.key.secret, token: `${key.id}.${other.key.secret}` },
      { id: UNKNOWN_ID, secret: key.secret, token: `${UNKNOWN_ID}.${key.secret}` },
      { id: 'nobody', secret: 'nothing', token: 'nonsense' },
    ]
    const call = subject.calls.read(tenant, subject.writeId(UNKNOWN_ID))
    for (const present of Object.values(presentations)) {
      for (const each of wrong) expectError(await send(call, present(each)), 401, subject)
    }
    for (const authorization of ['', 'Bearer', 'Basic !', 'Digest x', `Token ${key.token}`]) {
      expectError(await send(call, { authorization }), 401, subject)
    }
  },

  'answers 403 to a key without the permission, and names it': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    for (const [name, call] of await allCalls(subject, world.tenant, webhook.id)) {
      for (const missing of subject.permissions[name] ?? []) {
        const permissions = ALL.filter((permission) => permission !== missing)
        const key = await createKey(world.tenant, { permissions })
        const answer = await enter(world.tenant, key).send(call)
        expectError(answer, 403, subject)
        expect(answer.text).toContain(missing)
      }
    }
  },

  'lets a key with just the permissions of a call make it': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    for (const [name, call] of await allCalls(subject, world.tenant, webhook.id)) {
      const permissions = subject.permissions[name] ?? []
      const key = await createKey(world.tenant, { permissions })
      const answer = await enter(world.tenant, key).send(call)
      expect(answer.status, `${name}: ${answer.text}`).toBeLessThan(300)
    }
  },
} satisfies Record<string, Behaviour>
