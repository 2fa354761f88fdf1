import { deduplicationStoreContract } from '../../contracts/deduplication-store.ts'
import { makeD1Stores } from './stores.ts'

deduplicationStoreContract(async () => (await makeD1Stores()).deduplication)
