// A receiver through a move: what it verified before, it verifies while both servers send, and after, with the secret that it has and
// the libraries that it uses. The server that is left is a deployment in memory, the one that is moved to the real one.

import { exports } from 'cloudflare:workers'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Svix, Webhook } from 'svix'
import { Webhook as FirstWebhook } from 'svix-v1'
import { expect, it } from 'vitest'
import { createOperatorKey, openReceiver, type ReceivedRequest } from '../../fixtures/hookline.ts'
import { openDeployment, runBetween, type Server } from './deployments.ts'

const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const NEW = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

type Signed = Pick<ReceivedRequest, 'headers' | 'body'>

/** The payload of a request that every library takes for genuine; the libraries that do not, where one does not. */
function verified({ headers, body }: Signed, secret: string): unknown {
  const libraries = { svix: Webhook, 'svix 1': FirstWebhook, standardwebhooks: StandardWebhook }
  const refusing = Object.entries(libraries).flatMap(([name, Library]) => {
    try {
      new Library(secret).verify(body, { ...headers })
      return []
    } catch {
      return [name]
    }
  })
  return refusing.length === 0 ? JSON.parse(body) : refusing
}

it('verifies before, during and after, and over a rotation', async () => {
  const left = await openDeployment('https://svix.test')
  const receiver = openReceiver()
  const { id } = await left.svix.application.create({ name: 'Acme', uid: 'receiver-acme' })
  await left.svix.eventType.create({ name: 'receiver.paid', description: '' })
  const endpoint = await left.svix.endpoint.create(id, {
    ...{ url: receiver.url, uid: 'main', secret: OLD },
    ...{ eventTypes: ['receiver.paid'], channels: ['eu'], headers: { 'X-Region': 'eu' } },
  })
  const { token } = await createOperatorKey()
  const target: Server = {
    ...{ url: 'https://hookline.test', token },
    fetch: (url, init) => exports.default.fetch(new Request(url, init)),
  }
  const moved = new Svix(token, {
    serverUrl: target.url,
    fetch: (input, init) => exports.default.fetch(new Request(input, init)),
  })
  const message = (n: number) => ({
    ...{ eventType: 'receiver.paid', payload: { n }, channels: ['eu'] },
  })
  /** What the server that is left sends. */
  const leftSends = async (n: number): Promise<Signed> => {
    await left.svix.message.create('receiver-acme', message(n))
    await left.bench.settled()
    const sent = left.bench.requests.at(-1)
    return {
      headers: Object.fromEntries(sent?.headers ?? []),
      body: String(sent?.body),
    }
  }
  const movedSends = async (n: number): Promise<Signed> => {
    const before = receiver.requests.length
    await moved.message.create('receiver-acme', message(n))
    const request = (await receiver.received(before + 1))[before]
    if (request === undefined) throw new Error('Nothing came.')
    return request
  }

  expect(verified(await leftSends(1), OLD)).toEqual({ n: 1 })
  expect((await runBetween(left, target, ['--apply'])).code).toBe(0)
  expect((await runBetween(left, target, ['--apply'])).writes).toEqual([])

  expect(verified(await leftSends(2), OLD)).toEqual({ n: 2 })
  const first = await movedSends(3)
  expect(verified(first, OLD)).toEqual({ n: 3 })
  expect(first).toMatchObject({ headers: { 'x-region': 'eu' }, body: '{"n":3}' })
  expect(verified(first, NEW)).toEqual(['svix', 'svix 1', 'standardwebhooks'])

  await left.svix.endpoint.rotateSecret(id, endpoint.id, { key: NEW })
  const rotated = await runBetween(left, target, ['--apply'])
  expect(rotated.writes).toEqual([expect.stringMatching(/^POST .*\/secret\/rotate$/)])
  const [ofLeft, ofMoved] = [await leftSends(4), await movedSends(5)]
  for (const secret of [OLD, NEW]) {
    expect(verified(ofLeft, secret)).toEqual({ n: 4 })
    expect(verified(ofMoved, secret)).toEqual({ n: 5 })
  }

  await left.svix.endpoint.delete(id, endpoint.id)
  expect(verified(await movedSends(6), NEW)).toEqual({ n: 6 })
})
