// How requests are read: JSON with one tolerance, paths with and without a slash at the end, methods, sizes, targets.

import { expect } from 'vitest'
import { type Call, presentations, send } from '../../fixtures/hookline.ts'
import { UNKNOWN_ID } from '../subject.ts'
import { allCalls, type Behaviour, expectAnswer, expectError, make, openWorld } from './world.ts'

const URL_OF_NOTE = 'https://receiver.example/note'

/** The other one of the two forms of a path. */
function withOtherSlash(call: Call): Call {
  const [path = '', query] = call.path.split('?')
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  return { ...call, path: query === undefined ? other : `${other}?${query}` }
}

export const requests = {
  'serves every path with and without a slash at its end': async (subject) => {
    const world = await openWorld()
    const { webhook } = await make(subject, world)
    for (const [name, call] of await allCalls(subject, world.tenant, webhook.id)) {
      const answer = await world.send(withOtherSlash(call))
      expect(answer.status, `${name}: ${answer.text}`).toBeLessThan(300)
    }
  },

  'takes a comma before a closing bracket': async (subject) => {
    const world = await openWorld()
    const call = await subject.calls.create(world.tenant, URL_OF_NOTE)
    const answer = await world.send({ ...call, body: call.body?.replace(/\}$/, ' , }') ?? '' })
    const webhook = { id: subject.idOf(answer.body), url: URL_OF_NOTE }
    expectAnswer(answer, subject.answers.created(webhook))
  },

  'answers 400 for whatever else is not JSON': async (subject) => {
    const { tenant, send } = await openWorld()
    const call = await subject.calls.create(tenant, URL_OF_NOTE)
    const body = call.body ?? ''
    const comma = body.replace(/\}$/, ',,}')
    const comment = body.replace(/^\{/, '{/* why */')
    const quotes = body.replaceAll('"', "'")
    for (const text of ['', '{', 'null x', body.slice(0, -1), comma, comment, quotes]) {
      expectError(await send({ ...call, body: text }), 400, subject)
    }
  },

  'answers 400 for JSON that is not an object': async (subject) => {
    const { tenant, send } = await openWorld()
    const call = await subject.calls.create(tenant, URL_OF_NOTE)
    for (const body of ['null', '[]', '"text"', '1', 'true', `[${call.body}]`]) {
      expectError(await send({ ...call, body }), 400, subject)
    }
  },

  'reads JSON whatever the content type says': async (subject) => {
    const { tenant, key } = await openWorld()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      const call = await subject.calls.create(tenant, URL_OF_NOTE)
      const answer = await send(call, { ...presentations.bearer(key), 'content-type': type })
      expect(answer.status, answer.text).toBeLessThan(300)
    }
  },

  'answers 413 for a body larger than 512 KiB': async (subject) => {
    const { tenant, send } = await openWorld()
    const call = await subject.calls.create(tenant, URL_OF_NOTE)
    const body = ' '.repeat(524_288) + call.body
    expectError(await send({ ...call, body }), 413, subject)
  },

  'answers 400 for a target that may not be, and names the field': async (subject) => {
    const { tenant, send } = await openWorld()
    const refused = [
      'ftp://receiver.example/hook',
      'https://user:password@receiver.example/hook',
      'https://',
      `https://receiver.example/${'a'.repeat(2_048)}`,
    ]
    for (const url of refused) {
      const answer = await send(await subject.calls.create(tenant, url))
      expectError(answer, 400, subject)
      expect(answer.text).toContain(subject.urlField)
    }
  },

  'answers 404 for an unknown path': async (subject) => {
    const { send } = await openWorld()
    const path = `${subject.basePath}/no/such/path/at/all`
    expectError(await send({ method: 'GET', path }), 404, subject)
    expectError(await send({ method: 'POST', path, body: '{}' }), 404, subject)
  },

  'answers 405 for a wrong method and says which are right': async (subject) => {
    const { calls, allow } = subject
    const { tenant, send } = await openWorld()
    const collection = (await calls.create(tenant, URL_OF_NOTE)).path
    const member = calls.read(tenant, subject.writeId(UNKNOWN_ID)).path
    for (const [path, allowed] of [
      [collection, allow.create],
      [member, allow.read],
    ] as const) {
      const answer = await send({ method: 'PUT', path, body: '{}' })
      expectError(answer, 405, subject)
      expect(answer.headers.get('allow')).toBe(allowed)
    }
  },
} satisfies Record<string, Behaviour>
