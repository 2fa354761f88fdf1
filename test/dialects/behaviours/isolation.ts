// Who sees what: another tenant's, another user's and another surface's webhooks read like none.

import { expect } from 'vitest'
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

  'shares webhooks between users, or not, as its vendor does': async (subject) => {
    const { calls, answers, users } = subject
    const mine = await openWorld('ada')
    const { tenant } = mine
    const { webhook } = await make(subject, mine)
    for (const other of [{ subject: 'grace' }, {}]) {
      const { send } = enter(tenant, await createKey(tenant, other))
      if (users === 'share') {
        expectAnswer(await send(calls.read(tenant, webhook.id)), answers.read(webhook))
        continue
      }
      for (const call of callsOn(subject, tenant, webhook.id)) {
        expectError(await send(call), 404, subject)
      }
      if (!calls.list || !answers.listed) continue
      expectAnswer(await send(calls.list(tenant)), answers.listed([]))
    }
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
