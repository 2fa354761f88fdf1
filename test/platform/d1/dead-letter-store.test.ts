import { deadLetterStoreContract } from '../../contracts/dead-letter-store.ts'
import { makeD1Stores } from './stores.ts'

deadLetterStoreContract(makeD1Stores)
