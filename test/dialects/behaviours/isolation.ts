// Who sees what: another tenant's, another user's and another surface's webhooks read like none.

import { expect } from 'vitest'
import { PERMISSIONS } from '../../../src/engine/model/index.ts'
import { createKey } from '../../fixtures/hookline.ts'
import { UNKNOWN_ID } from '../subject.ts'
import {
  type Behaviour,
  callsOn,
  enter,
  expectAnswer,
  expectError,
  make,
  need,
  openWorld,
} from './world.ts'

export const isolation = {
  'answers 404 for an id of nothing': async (subject) => {
    const { tenant, send } = await openWorld()
    for (const call of callsOn(subject, tenant, subject.writeId(UNKNOWN_ID))) {
      expectError(await send(call), 404, subject)
    }
  },

  'answers 404 for what is not an id': async (subject) => {
    const { tenant, send } = await openWorld()
    for (const id of [
      'not-an-id',
      '1',
      '%00',
      '%F0%9F%AA%9D',
      subject.writeId(UNKNOWN_ID).slice(1),
    ]) {
      for (const call of callsOn(subject, tenant, id)) {
        expectError(await send(call), 404, subject)
      }
    }
  },

  'hides the webhooks of another tenant': async (subject) => {
    const mine = await openWorld()
    const theirs = await openWorld()
    const { webhook } = await make(subject, mine)
    for (const call of callsOn(subject, theirs.tenant, webhook.id)) {
      expectError(await theirs.send(call), 404, subject)
    }
    const read = await mine.send(subject.calls.read(mine.tenant, webhook.id))
    expectAnswer(read, subject.answers.read(webhook))
  },

  'lists no webhooks of another tenant': async (subject) => {
    const theirs = await openWorld()
    await make(subject, await openWorld())
    const answer = await theirs.send(need(subject.calls.list, 'list')(theirs.tenant))
    expectAnswer(answer, need(subject.answers.listed, 'listed')([]))
  },

  'hides the webhooks of a user from other users': async (subject) => {
    const { calls, answers } = subject
    const mine = await openWorld('ada')
    const { tenant } = mine
    const { webhook } = await make(subject, mine)
    const permissions = [...PERMISSIONS]
    for (const other of [{ subject: 'grace' }, { subject: 'grace', permissions }]) {
      const { send } = enter(tenant, await createKey(tenant, other))
      for (const call of callsOn(subject, tenant, webhook.id)) {
        expectError(await send(call), 404, subject)
      }
      if (!calls.list || !answers.listed) continue
      expectAnswer(await send(calls.list(tenant)), answers.listed([]))
    }
    expectAnswer(await mine.send(calls.read(tenant, webhook.id)), answers.read(webhook))
  },

  'shows users’ webhooks to the tenant’s own key, or not, as its vendor does': async (subject) => {
    const { calls, answers, users } = subject
    const mine = await openWorld('ada')
    const { tenant } = mine
    const { webhook } = await make(subject, mine)
    const { send } = enter(tenant, await createKey(tenant))
    if (users === 'shared') {
      expectAnswer(await send(calls.read(tenant, webhook.id)), answers.read(webhook))
      return
    }
    for (const call of callsOn(subject, tenant, webhook.id)) {
      expectError(await send(call), 404, subject)
    }
    if (!calls.list || !answers.listed) return
    expectAnswer(await send(calls.list(tenant)), answers.listed([]))
  },

  'shows a user the webhooks that no user owns only with its permission': async (subject) => {
    const { calls, answers, users } = subject
    const mine = await openWorld()
    const { tenant } = mine
    const { webhook } = await make(subject, mine)
    const without = enter(tenant, await createKey(tenant, { subject: 'ada' }))
    for (const call of callsOn(subject, tenant, webhook.id)) {
      expectError(await without.send(call), 404, subject)
    }
    const all = { subject: 'ada', permissions: [...PERMISSIONS] }
    const answer = await enter(tenant, await createKey(tenant, all)).send(
      calls.read(tenant, webhook.id),
    )
    if (users === 'shared') expectAnswer(answer, answers.read(webhook))
    else expectError(answer, 404, subject)
  },

  'hides the webhooks made on another surface': async (subject) => {
    const { tenant, send } = await openWorld()
    const body = JSON.stringify({ url: 'https://elsewhere.example/', eventTypes: ['*'] })
    const native = await send({ method: 'POST', path: '/v1/webhooks', body })
    expect(native.status, native.text).toBe(201)
    const { id } = native.body as { id: string }
    for (const call of callsOn(subject, tenant, subject.writeId(id))) {
      expectError(await send(call), 404, subject)
    }
  },

  'shows its webhooks in /v1 under its own name': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    const answer = await world.send({ method: 'GET', path: '/v1/webhooks' })
    expect(answer.body).toMatchObject({ items: [{ dialect: subject.dialect, url: webhook.url }] })
  },
} satisfies Record<string, Behaviour>
