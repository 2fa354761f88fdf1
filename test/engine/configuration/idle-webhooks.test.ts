// Pull webhooks that nobody reads: which the sweep deletes, and what it does where it cannot.

import { expect, it } from 'vitest'
import { deleteIdle } from '../../../src/engine/configuration/idle-webhooks.ts'
import { PULL_URL } from '../../../src/engine/model/index.ts'
import type { WebhookRef } from '../../../src/engine/ports/index.ts'
import { EngineError, notFound } from '../../../src/errors.ts'
import { aTenant, aWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { createMemoryDeployment } from '../../fakes/deployment.ts'

const MINUTE = 60_000
const MADE = 1_700_000_000_000

it('deletes an hour after the last pull, never before, and goes on where it cannot', async () => {
  const { ports } = createMemoryDeployment()
  await ports.tenants.insert(aTenant(1))
  const made = { url: PULL_URL, createdAt: MADE, updatedAt: MADE }
  for (let n = 10; n < 55; n += 1) {
    await ports.webhooks.insert(aWebhook(n, { ...made, deleteAfterIdleSeconds: 3_600 }))
  }
  await ports.webhooks.insert(aWebhook(60, made))
  await ports.webhooks.notePull({ tenantId: uuid(1), id: uuid(12) }, MADE + 2 * MINUTE)
  const lines: unknown[] = []
  const gone: string[] = []
  const sweep = async (now: number) => {
    gone.length = 0
    const remove = async ({ id }: WebhookRef) => {
      if (id === uuid(10)) throw notFound('webhook')
      if (id === uuid(11)) throw new EngineError('unavailable', 'It is down.')
      gone.push(id)
      const deleted = await ports.webhooks.delete({ tenantId: uuid(1), id })
      if (deleted === null) throw notFound('webhook')
      return deleted
    }
    await deleteIdle(remove, { ...ports, clock: () => now, log: (line) => void lines.push(line) })
  }
  await sweep(MADE + 65 * MINUTE)
  expect(gone).toEqual([])
  await sweep(MADE + 65 * MINUTE + 1)
  expect(gone.toSorted()).toEqual(Array.from({ length: 42 }, (_, n) => uuid(13 + n)))
  expect(lines).toEqual([
    { event: 'idle.undeleted', webhookId: uuid(11), error: 'EngineError: It is down.' },
  ])
  await sweep(MADE + 67 * MINUTE + 1)
  expect(gone).toEqual([uuid(12)])
})
