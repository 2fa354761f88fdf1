// A re-encryption during which another copy of the Worker, with the old key alone, writes.

import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import {
  FROM_THE_START,
  type StepPorts,
  takeStep,
} from '../../../src/engine/jobs/deployment-steps.ts'
import type { JobProgress } from '../../../src/engine/model/index.ts'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { createVault, type Vault } from '../../../src/platform/vault.ts'
import { aTenant, aWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { makeD1Stores } from './stores.ts'

const NEW_KEY = btoa('a newer key of thirty-two bytes.')
const rotating = createVault(`${NEW_KEY},${env.SECRETS_KEY}`)

it('begins anew, and is done when no row is left under the old key', async () => {
  const old = await makeD1Stores()
  await old.tenants.insert(aTenant(1))
  const ref = { tenantId: uuid(1), id: uuid(11) }
  const secrets = { signing: [], headers: [], attributes: { token: 't' } }
  await old.webhooks.insert(aWebhook(11, { secrets }))
  let disturbances = 1
  const disturbed: Vault = {
    ...rotating,
    open: async (...sealed) => {
      const text = await rotating.open(...sealed)
      // Between the reading and the writing.
      if (disturbances-- > 0) await old.webhooks.update(ref, (now) => ({ ...now, name: 'x' }))
      return text
    },
  }
  const ports = { secrets: createD1Stores(env.DB, disturbed).secrets } as StepPorts
  const begun: JobProgress = { state: 'running', done: 0, total: null, error: null, endedAt: null }
  const first = await takeStep(FROM_THE_START, begun, ports)
  expect(first.progress).toMatchObject({ state: 'running', done: 0 })
  const second = await takeStep(first.request, { ...begun, ...first.progress }, ports)
  expect(second.progress).toMatchObject({ state: 'done', done: 1 })
  const { webhooks } = createD1Stores(env.DB, createVault(NEW_KEY))
  expect((await webhooks.find(ref))?.secrets).toEqual(secrets)
})
