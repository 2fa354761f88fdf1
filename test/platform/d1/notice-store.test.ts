import { noticeStoreContract } from '../../contracts/notice-store.ts'
import { makeD1Stores } from './stores.ts'

noticeStoreContract(makeD1Stores)
