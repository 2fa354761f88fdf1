import { activityStoreContract } from '../../contracts/activity-store.ts'
import { makeD1Stores } from './stores.ts'

activityStoreContract(async () => (await makeD1Stores()).activity)
