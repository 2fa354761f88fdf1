import { deadLetterStoreContract } from '../../contracts/dead-letter-store.ts'
import { makeD1Stores } from './stores.ts'

deadLetterStoreContract(async () => (await makeD1Stores()).deadLetters)
