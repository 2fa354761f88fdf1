// Create, read, list, update, delete.

import { expect } from 'vitest'
import { openReceiver } from '../../fixtures/hookline.ts'
import {
  type Behaviour,
  callsOn,
  expectAnswer,
  expectError,
  make,
  need,
  openWorld,
} from './world.ts'

export const configuration = {
  'creates a webhook and shows it': async (subject) => {
    const { webhook, answer } = await make(subject, await openWorld())
    expectAnswer(answer, subject.answers.created(webhook))
  },

  'reads a webhook': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    const answer = await world.send(subject.calls.read(world.tenant, webhook.id))
    expectAnswer(answer, subject.answers.read(webhook))
  },

  'updates a webhook and keeps the update': async (subject) => {
    const { calls, answers } = subject
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    const changed = { ...webhook, url: openReceiver().url }
    const updated = await world.send(calls.update(world.tenant, webhook.id, changed.url))
    expectAnswer(updated, answers.updated(changed))
    const read = await world.send(calls.read(world.tenant, webhook.id))
    expectAnswer(read, answers.read(changed))
  },

  'lists no webhooks of a tenant that has none': async (subject) => {
    const { tenant, send } = await openWorld()
    const answer = await send(need(subject.calls.list, 'list')(tenant))
    expectAnswer(answer, need(subject.answers.listed, 'listed')([]))
  },

  'lists webhooks in order of creation': async (subject) => {
    const world = await openWorld()
    const first = await make(subject, world)
    const second = await make(subject, world)
    const answer = await world.send(need(subject.calls.list, 'list')(world.tenant))
    const listed = need(subject.answers.listed, 'listed')
    expectAnswer(answer, listed([first.webhook, second.webhook]))
  },

  'deletes a webhook for good': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    const remove = need(subject.calls.delete, 'delete')(world.tenant, webhook.id)
    expectAnswer(await world.send(remove), need(subject.answers.deleted, 'deleted')(webhook))
    for (const call of callsOn(subject, world.tenant, webhook.id)) {
      expectError(await world.send(call), 404, subject)
    }
  },

  'returns a secret only where its vendor does': async (subject) => {
    const { calls, secret } = subject
    if (secret === null) return
    const world = await openWorld()
    const { webhook, answer } = await make(subject, world)
    const { tenant, send } = world
    const shown = {
      create: answer.text,
      read: (await send(calls.read(tenant, webhook.id))).text,
      list: calls.list && (await send(calls.list(tenant))).text,
      update: (await send(calls.update(tenant, webhook.id, webhook.url))).text,
      delete: calls.delete && (await send(calls.delete(tenant, webhook.id))).text,
    }
    const showing = Object.entries(shown).filter(([, text]) => text?.includes(secret.text))
    expect(showing.map(([name]) => name)).toEqual(secret.shownBy)
  },
} satisfies Record<string, Behaviour>
