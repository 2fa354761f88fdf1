import { auditStoreContract } from '../../contracts/audit-store.ts'
import { makeD1Stores } from './stores.ts'

auditStoreContract(makeD1Stores)
