// Calls of a Svix API that does not answer as it should, or not at once.

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Api } from '../../../scripts/import/api.ts'

const Thing = z.object({ id: z.string(), size: z.number() })

type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>] | Error

/** An API that gives these answers, one after the other, and what was asked of it. */
function answering(...answers: readonly Answer[]) {
  const left = [...answers]
  const asked: { readonly url: string; readonly init: RequestInit }[] = []
  const waits: number[] = []
  const api = new Api({
    ...{ owner: 'Svix', url: 'https://svix.test', token: 'testsk_1' },
    fetch: async (url, init) => {
      asked.push({ url, init })
      const answer = left.shift()
      if (answer === undefined) throw new Error('It was asked too often.')
      if (answer instanceof Error) throw answer
      const [status, body, headers = {}] = answer
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return new Response(status === 204 ? null : text, { status, headers })
    },
    sleep: async (ms) => void waits.push(ms),
  })
  return { api, asked, waits }
}

const thing = { id: 'a', size: 1 }

describe('a call', () => {
  it('has the token, and says what it takes', async () => {
    const { api, asked } = answering([200, { ...thing, unknown: true }])
    expect(await api.get(Thing, '/thing/a')).toEqual(thing)
    expect(asked).toMatchObject([
      {
        url: 'https://svix.test/api/v1/thing/a',
        init: {
          ...{ method: 'GET', redirect: 'manual' },
          headers: { authorization: 'Bearer testsk_1', accept: 'application/json' },
        },
      },
    ])
  })

  it.each<[string, Answer, number]>([
    ['429', [429, {}], 500],
    ['429 that says when', [429, {}, { 'retry-after': '7' }], 7_000],
    ['503', [503, 'down'], 500],
    [
      '503 that was over a while ago',
      [503, {}, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }],
      0,
    ],
    ['503 that says it badly', [503, {}, { 'retry-after': 'soon' }], 500],
    ['none', new TypeError('fetch failed'), 500],
  ])('that was answered with %s is made again', async (_, answer, waitMs) => {
    const { api, waits } = answering(answer, [200, thing])
    expect(await api.get(Thing, '/thing/a')).toEqual(thing)
    expect(waits).toEqual([waitMs])
  })

  it('is made six times, each after twice the time, and then given up', async () => {
    const { api, asked, waits } = answering(...Array.from({ length: 6 }, () => [500, 'x'] as const))
    await expect(api.get(Thing, '/thing/a')).rejects.toMatchObject({
      message: 'Svix: GET /thing/a was answered with 500',
      status: 500,
    })
    expect(asked).toHaveLength(6)
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000])
  })

  it.each<[string, Error]>([
    ['fetch failed', new TypeError('fetch failed')],
    [
      'getaddrinfo ENOTFOUND svix.test',
      new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND svix.test') }),
    ],
    [
      'ECONNREFUSED',
      new TypeError('fetch failed', {
        cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      }),
    ],
  ])('that nobody answers is told so: %s', async (reason, error) => {
    const { api } = answering(...Array.from({ length: 6 }, () => error))
    await expect(api.get(Thing, '/thing/a')).rejects.toThrow(
      `Svix: GET /thing/a was not answered (${reason})`,
    )
  })

  it('that would have to wait for an hour is given up', async () => {
    const { api, waits } = answering([429, { detail: 'Too many.' }, { 'retry-after': '3600' }])
    await expect(api.get(Thing, '/thing/a')).rejects.toMatchObject({
      message: 'Svix: GET /thing/a was answered with 429: Too many.',
    })
    expect(waits).toEqual([])
  })

  it('that changes something has one key however often it is made', async () => {
    const { api, asked } = answering([502, ''], [201, thing], [201, thing])
    const write = { method: 'POST', path: '/thing', body: { size: 1 } } as const
    await api.write(Thing, write)
    await api.write(Thing, write)
    const keys = asked.map(({ init }) => new Headers(init.headers).get('idempotency-key'))
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
    expect(asked[1]?.init.body).toBe('{"size":1}')
  })

  it('that is answered with nothing is answered', async () => {
    const { api } = answering([204, ''])
    expect(await api.write(z.unknown(), { method: 'PATCH', path: '/x', body: {} })).toBeNull()
  })
})

describe('a refusal', () => {
  it.each<[string, Answer, string]>([
    [
      'of a wrong token',
      [401, { code: 'authentication_failed', detail: 'Invalid token' }],
      'was answered with 401: Invalid token',
    ],
    [
      'of some fields',
      [422, { detail: [{ loc: ['body', 'url'], msg: 'Bad.', type: 'value_error' }] }],
      'was answered with 422: url: Bad.',
    ],
    ['that is no JSON', [404, '<html>'], 'was answered with 404'],
    ['of a call that it does not have', [501, { detail: 'No.' }], 'was answered with 501: No.'],
    [
      'that leads elsewhere, where the token is not sent',
      [301, '', { location: 'https://eu.svix.test/' }],
      'was answered with 301: its API is at https://eu.svix.test/',
    ],
  ])('%s is told at once', async (_, answer, end) => {
    const { api, asked, waits } = answering(answer)
    await expect(api.get(Thing, '/thing/a')).rejects.toThrow(`Svix: GET /thing/a ${end}`)
    expect([asked.length, waits]).toEqual([1, []])
  })
})

describe('an answer that is not what the API says', () => {
  it.each<[unknown, string]>([
    ['<html>', 'it is no JSON'],
    [{ id: 'a' }, 'size: Invalid input: expected number, received undefined'],
    [[], 'the whole: Invalid input: expected object, received array'],
  ])('%j is named with the place', async (body, flaw) => {
    const { api } = answering([200, body])
    await expect(api.get(Thing, '/thing/a')).rejects.toThrow(
      `Svix's answer to GET /thing/a is not what its API says: ${flaw}`,
    )
  })

  it('is named with its item, where it is a list', async () => {
    const { api } = answering([200, { data: [thing, { id: 2 }], iterator: null, done: true }])
    await expect(api.list(Thing, '/thing')).rejects.toThrow(
      "Svix's answer to GET /thing is not what its API says: data.1.id: Invalid input: expected string, received number",
    )
  })
})

describe('a list', () => {
  const page = (ids: string, iterator: string | null, done: boolean): Answer => [
    ...([200, { data: [...ids].map((id) => ({ id, size: 1 })), iterator, done }] as const),
  ]

  it('is read to its end, with what was asked of it', async () => {
    const { api, asked } = answering(
      page('ab', 'i/1', false),
      page('', 'i/2', false),
      page('c', 'i/3', true),
    )
    const found = await api.list(Thing, '/thing', { with_content: 'true' })
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(asked.map(({ url }) => url)).toEqual([
      'https://svix.test/api/v1/thing?with_content=true&limit=250',
      'https://svix.test/api/v1/thing?with_content=true&limit=250&iterator=i%2F1',
      'https://svix.test/api/v1/thing?with_content=true&limit=250&iterator=i%2F2',
    ])
  })

  it('that goes on and on is given up after two thousand pages, and the error says so', async () => {
    const pages = Array.from({ length: 2_001 }, (_, n) => page('', `i${n}`, false))
    const { api, asked } = answering(...pages)
    await expect(api.list(Thing, '/thing')).rejects.toThrow('more follows after 2000 pages of 250')
    expect(asked).toHaveLength(2_000)
  })

  it.each<[string, readonly Answer[]]>([
    ['turns in circles', [page('a', 'i1', false), page('b', 'i2', false), page('a', 'i1', false)]],
    ['has no end', [page('a', null, false)]],
  ])('that %s is not read forever', async (_, pages) => {
    const { api } = answering(...pages)
    await expect(api.list(Thing, '/thing')).rejects.toThrow('says that more follows, and not where')
  })
})
