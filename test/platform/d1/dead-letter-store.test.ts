import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { deadLetterStoreContract } from '../../contracts/dead-letter-store.ts'
import { makeD1Stores } from './stores.ts'

deadLetterStoreContract(makeD1Stores)

describe('a dead letter of a version that did not note when it was sent', () => {
  it('counts as sent when it was kept', async () => {
    const { deadLetters } = await makeD1Stores()
    const row =
      "INSERT INTO dead_letters (id, queue, reason, body, at) VALUES ('a', 'events', '', 'b', 7)"
    await env.DB.prepare(row).run()
    const told: object[] = []
    await deadLetters.erase((letter) => {
      told.push(letter)
      return false
    })
    expect(told).toEqual([{ id: 'a', body: 'b', sentAt: 7 }])
  })
})
