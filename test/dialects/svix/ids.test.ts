import { describe, expect, it } from 'vitest'
import { fromSvixId, fromTaskId, toSvixId, toTaskId } from '../../../src/dialects/svix/ids.ts'

const UUID = '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'

describe('an id of Svix', () => {
  it.each([
    ['00000000-0000-0000-0000-000000000000', 'ep_000000000000000000000000000'],
    ['00000000-0000-0000-0000-00000000003e', 'ep_000000000000000000000000010'],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'ep_000007n42DGM5Tflk9n8mt7Fhc7'],
  ])('carries the 128 bits of %s as %s', (uuid, id) => {
    expect(toSvixId('ep', uuid)).toBe(id)
    expect(fromSvixId('ep', id)).toBe(uuid)
  })

  it('is taken as a UUID in either case', () => {
    expect(fromSvixId('msg', UUID.toUpperCase())).toBe(UUID)
  })

  it.each([
    ['another prefix', toSvixId('ep', UUID).replace('ep_', 'app_')],
    ['a short one', 'ep_0000'],
    ['one above 128 bits', `ep_${'z'.repeat(27)}`],
    ['another character', `ep_${'0'.repeat(26)}-`],
    ['no text', ''],
  ])('is none: %s', (_, text) => {
    expect(fromSvixId('ep', text)).toBeNull()
  })

  it('keeps the order of UUIDs', () => {
    const uuids = ['01', '0a', '7f', 'a0', 'ff'].map((byte) => `${byte}${UUID.slice(2)}`)
    const ids = uuids.map((uuid) => toSvixId('app', uuid))
    expect(ids.toSorted()).toEqual(ids)
  })

  it('of a background task names its application', () => {
    const other = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    expect(fromTaskId(toTaskId(UUID, other))).toEqual({ tenantId: UUID, jobId: other })
    expect(fromTaskId('qtask_none')).toBeNull()
  })
})
