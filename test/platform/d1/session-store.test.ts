import { sessionStoreContract } from '../../contracts/session-store.ts'
import { makeD1Stores } from './stores.ts'

sessionStoreContract(async () => (await makeD1Stores()).sessions)
