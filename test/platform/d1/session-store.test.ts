import { sessionStoreContract } from '../../contracts/session-store.ts'
import { makeD1Stores } from './stores.ts'

sessionStoreContract(makeD1Stores)
