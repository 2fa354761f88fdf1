import { describe, expect, it } from 'vitest'
import { keepDeadLetter } from '../../../src/engine/delivery/unprocessed-message.ts'
import type { LogLine } from '../../../src/engine/ports/index.ts'
import { createMemoryStores } from '../../fakes/stores.ts'

async function kept(body: unknown, reason = 'not JSON') {
  const { deadLetters } = createMemoryStores()
  const lines: LogLine[] = []
  const ports = { deadLetters, clock: () => 5, log: (line: LogLine) => lines.push(line) }
  const message = { id: 'm', timestamp: 1, body, attempts: 1 }
  expect(await keepDeadLetter('events', message, reason, ports)).toEqual({ kind: 'ack' })
  const [letter] = await deadLetters.list({ limit: 1, before: null })
  return { lines, letter, reason: letter?.reason, body: letter?.body }
}

function circular(): unknown {
  const list: unknown[] = []
  list.push(list)
  return list
}

describe('keepDeadLetter', () => {
  it('keeps a message whole where it can be, and logs it without its body', async () => {
    const { letter, lines } = await kept('x'.repeat(131_072))
    expect(letter).toEqual({
      id: 'm',
      queue: 'events',
      reason: 'not JSON',
      body: 'x'.repeat(131_072),
      at: 5,
    })
    expect(lines).toEqual([{ event: 'message.kept', queue: 'events', messageId: 'm' }])
  })

  it.each([
    ['a text', 'x'.repeat(131_073), 'not JSON (cut to the first 131072 of 131073 characters)'],
    [
      'bytes that are longer as text',
      new Uint8Array(150_000),
      'not JSON (cut to the first 131072 of 150000 characters)',
    ],
    [
      'a list',
      { events: Array(100_000).fill(1) },
      'not JSON (cut to the first 131072 of 200012 characters)',
    ],
    [
      'an array of nothing, which is a few bytes and 20 GB of text',
      new Array(4_000_000_000),
      'not JSON (cut to the first 131072 of more than 655356 characters)',
    ],
  ])('keeps %s cut, and says how long it was', async (_, body, reason) => {
    const letter = await kept(body)
    expect(letter.reason).toBe(reason)
    expect(letter.body).toHaveLength(131_072)
  })

  it.each([
    ['a number', 5, '5'],
    ['nothing', undefined, 'undefined'],
    ['a BigInt', { a: 10n ** 20n }, '{"a":"100000000000000000000"}'],
    ['what has no text', circular(), '[object Array]'],
  ])('keeps %s', async (_, body, text) => {
    expect((await kept(body)).body).toBe(text)
  })

  it('cuts what was wrong with it, which may quote names of it', async () => {
    expect((await kept('x', 'r'.repeat(5_000))).reason).toBe('r'.repeat(1_000))
  })
})
