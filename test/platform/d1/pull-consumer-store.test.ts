import { pullConsumerStoreContract } from '../../contracts/pull-consumer-store.ts'
import { makeD1Stores } from './stores.ts'

pullConsumerStoreContract(makeD1Stores)
