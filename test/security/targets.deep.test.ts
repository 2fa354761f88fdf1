// The corpus of targets through every call that sets one: refused in the surface's own shape, with the rule named, and
// nothing changed by it.

import { beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { openWorld, type World } from '../dialects/behaviours/world.ts'
import { callInstead } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { HOSTILE, LEGAL, OWN_HOSTS, PRIVATE } from '../platform/target-policy/corpus.ts'
import { targetPlaces } from './target-surfaces.ts'

const worker = startWorker(dialects, {
  ALLOW_PRIVATE_TARGETS: 'false',
  OWN_HOSTS: OWN_HOSTS.join(', '),
})
callInstead(worker.fetch)

const FIRST = 'https://receiver.example/first'
const SCHEME = /^(?:https?:|[a-z][a-z0-9+.-]*:\/\/)/i

/** What a schema refuses for its length or its Unicode before any rule about targets is asked. */
const isPlainText = (url: string) => url.length > 0 && url.length <= 2_048 && url.isWellFormed()

let world: World
beforeAll(async () => {
  world = await openWorld()
})

describe.each(targetPlaces)('$title', ({ create, update, idOf, refusal, takesHosts }) => {
  const hostile = HOSTILE.filter(([url]) => !takesHosts || SCHEME.test(url))

  it('refuses every hostile target, naming the rule, and takes every legal one', async ({
    task,
  }) => {
    const { tenant, send } = world
    const made = await send(create(FIRST, tenant))
    expect(made.status, made.text).toBeLessThan(300)
    const id = idOf(made.body)

    for (const [url, sentence] of hostile) {
      for (const call of [create(url, tenant), update(url, id, tenant)]) {
        const answer = await send(call)
        expect(answer.status, `${JSON.stringify(url)}: ${answer.text}`).toBe(400)
        if (isPlainText(url)) expect(answer.body).toMatchObject(refusal(sentence) as object)
      }
    }
    for (const url of LEGAL) {
      const answer = await send(update(url, id, tenant))
      expect(answer.status, `${JSON.stringify(url)}: ${answer.text}`).toBe(200)
      expect(answer.text).toContain(JSON.stringify(url).slice(1, -1))
    }
    task.meta.counted = `${hostile.length} hostile targets refused twice, ${LEGAL.length} legal ones taken`
  })
})

describe('a host without a scheme, which Contract.fit takes', () => {
  const spellings = PRIVATE.flatMap(([host, what, urls]) =>
    urls.map((url) => [url.replace(/^https?:\/\//, ''), host, what] as const),
  )
  it('is judged like one with a scheme', async ({ task }) => {
    const { send } = world
    for (const [target, host, what] of spellings) {
      const body = { type: 'webhook', events: ['document_text'], target }
      const call = { method: 'POST', path: '/integrations', body: JSON.stringify(body) }
      const sentence = `The host ${host} is ${what} and cannot be a target.`
      expect(await send(call), target).toMatchObject({
        status: 400,
        body: { message: `target: ${sentence}` },
      })
    }
    task.meta.counted = `${spellings.length} bare hosts refused`
  })
})
