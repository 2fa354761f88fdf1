import { describe, expect, it } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { parseUlid, parseUuid, ulidToUuid, uuidToUlid } from '../../src/http/ids.ts'

const pairs = [
  // The first is the ULID specification's example; all 128-bit values come from a Crockford decoding in Python.
  ['01563e3a-b5d3-d676-4c61-efb99302bd5b', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  ['0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b', '01J2GV5GYMFSFRMTVWHPF0Y6HB'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
  ['00000000-0000-0000-0000-000000000000', '00000000000000000000000000'],
] as const

describe('an id', () => {
  it.each(pairs)('%s is the ULID %s and comes back', (uuid, ulid) => {
    expect(uuidToUlid(uuid)).toBe(ulid)
    expect(ulidToUuid(ulid)).toBe(uuid)
  })

  it('is read from a UUID in either case', () => {
    expect(parseUuid('0190A1B2-C3D4-7E5F-8A6B-7C8D9E0F1A2B')).toBe(
      '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b',
    )
  })

  it('is read from a ULID in either case', () => {
    expect(parseUlid('7zzzzzzzzzzzzzzzzzzzzzzzzz')).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff')
  })

  it.each(['', 'x', '0190a1b2c3d47e5f8a6b7c8d9e0f1a2b', '01J2GV5GYMFSFRMTVWHPF0Y6HB'])(
    'is not found in the UUID %j',
    (text) => {
      expect(() => parseUuid(text)).toThrow(new EngineError('not_found', 'No such webhook.'))
    },
  )

  // The third is larger than 128 bits, the fourth has a letter that Crockford's alphabet leaves out.
  it.each([
    '',
    '01J2GV5GYMFSFRMTVWHPF0Y6H',
    '8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
    '01U2GV5GYMFSFRMTVWHPF0Y6HB',
    '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b',
  ])('is not found in the ULID %j', (text) => {
    expect(() => parseUlid(text, 'event')).toThrow(new EngineError('not_found', 'No such event.'))
  })
})
