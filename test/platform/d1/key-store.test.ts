import { keyStoreContract } from '../../contracts/key-store.ts'
import { makeD1Stores } from './stores.ts'

keyStoreContract(makeD1Stores)
