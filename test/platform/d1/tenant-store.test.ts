import { tenantStoreContract } from '../../contracts/tenant-store.ts'
import { makeD1Stores } from './stores.ts'

tenantStoreContract(makeD1Stores)
