import { portalLinkStoreContract } from '../../contracts/portal-link-store.ts'
import { makeD1Stores } from './stores.ts'

portalLinkStoreContract(makeD1Stores)
