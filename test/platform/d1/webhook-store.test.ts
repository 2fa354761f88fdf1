import { webhookStoreContract } from '../../contracts/webhook-store.ts'
import { makeD1Stores } from './stores.ts'

webhookStoreContract(makeD1Stores)
