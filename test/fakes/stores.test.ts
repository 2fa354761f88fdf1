// The stores in memory keep the contracts that D1 keeps.

import { describe } from 'vitest'
import { deadLetterStoreContract } from '../contracts/dead-letter-store.ts'
import { deduplicationStoreContract } from '../contracts/deduplication-store.ts'
import { keyStoreContract } from '../contracts/key-store.ts'
import { templateStoreContract } from '../contracts/template-store.ts'
import { tenantStoreContract } from '../contracts/tenant-store.ts'
import { webhookStoreContract } from '../contracts/webhook-store.ts'
import { createMemoryStores } from './stores.ts'

const make = async () => createMemoryStores()

describe('in memory', () => {
  tenantStoreContract(make)
  keyStoreContract(make)
  templateStoreContract(async () => (await make()).templates)
  webhookStoreContract(make)
  deduplicationStoreContract(async () => (await make()).deduplication)
  deadLetterStoreContract(async () => (await make()).deadLetters)
})
