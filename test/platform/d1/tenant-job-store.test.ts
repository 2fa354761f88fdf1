import { tenantJobStoreContract } from '../../contracts/tenant-job-store.ts'
import { makeD1Stores } from './stores.ts'

tenantJobStoreContract(makeD1Stores)
