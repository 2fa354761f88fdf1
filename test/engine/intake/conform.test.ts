// What the catalogue says to events that are handed in.

import { describe, expect, it } from 'vitest'
import { conform, conformAll } from '../../../src/engine/intake/conform.ts'
import type {
  Catalogue,
  DataRange,
  EventDraft,
  JsonSchema,
} from '../../../src/engine/model/index.ts'
import type { LogLine } from '../../../src/engine/ports/index.ts'
import { anEventType } from '../../contracts/event-type-store.ts'

const TOTAL = (type: string): JsonSchema => ({
  type: 'object',
  properties: {
    total: { type },
    more: { type: 'object', additionalProperties: { type: 'number' } },
  },
  required: ['total'],
})
/** Versions 1 and 2 agree, 3 does not, 4 is as they are. */
const SCHEMAS = {
  '1': TOTAL('number'),
  '2': TOTAL('number'),
  '3': TOTAL('string'),
  '4': TOTAL('number'),
}
const NUMBER = '{ "total": 1.0 }'
const TEXT = '{"total":"1"}'

const drafted = (type: string, given: Partial<EventDraft>): EventDraft => ({
  ...{
    type,
    data: '{}',
    deduplicationKey: null,
    time: null,
    scope: {},
    actor: null,
    requestId: null,
  },
  ...given,
})
const byVersion = (
  ...all: readonly (readonly [version: string, data: string])[]
): Partial<EventDraft> => {
  const versions = all.map(([version, data]) => ({ version, data }))
  return { data: versions[0]?.data ?? '', versions }
}
const catalogueOf = (...types: readonly ReturnType<typeof anEventType>[]): Catalogue => ({
  revision: 1,
  types: new Map(types.map((type) => [type.name, type])),
})
const CATALOGUE_OF_T = catalogueOf(anEventType('t', { schemas: SCHEMAS }))

describe('who gets which data', () => {
  it.each<[string, Partial<EventDraft>, readonly DataRange[] | undefined]>([
    [
      'data alone is for those whose versions it does not break, without a gap',
      { data: NUMBER },
      [
        { from: '1', version: null, data: null },
        { from: '4', version: null },
      ],
    ],
    [
      'what is invalid everywhere is of the newest version',
      { data: '{}' },
      [
        { from: '1', version: null, data: null },
        { from: '4', version: null },
      ],
    ],
    [
      'versions are for later ones that they do not break, and for earlier ones',
      byVersion(['3', TEXT], ['2', NUMBER]),
      [
        { from: '1', version: '2', data: NUMBER },
        { from: '3', version: '3' },
        { from: '4', version: null, data: null },
      ],
    ],
    [
      'a version for which there is nothing valid gets nothing',
      byVersion(['4', NUMBER], ['1', NUMBER]),
      [
        { from: '1', version: '1', data: NUMBER },
        { from: '3', version: null, data: null },
        { from: '4', version: '4' },
      ],
    ],
    [
      'versions that the catalogue does not have stay as they are given',
      byVersion(['9', TEXT], ['5', TEXT]),
      [
        { from: '1', version: null, data: null },
        { from: '5', version: '5', data: TEXT },
        { from: '9', version: '9' },
      ],
    ],
  ])('%s', (_, given, ranges) => {
    expect(conform(drafted('t', given), CATALOGUE_OF_T).draft.ranges).toEqual(ranges)
  })

  it('is everybody, of data that breaks no version', () => {
    const same = catalogueOf(
      anEventType('t', { schemas: { '1': TOTAL('number'), '2': TOTAL('number') } }),
    )
    const draft = drafted('t', { data: NUMBER })
    expect(conform(draft, same).draft).toBe(draft)
    expect(conform(draft, catalogueOf()).draft).toBe(draft)
  })

  it('is as the names of versions say, of a type that is not listed', () => {
    const { draft } = conform(
      drafted('other', byVersion(['b', TEXT], ['a', NUMBER])),
      CATALOGUE_OF_T,
    )
    expect(draft.ranges).toEqual([
      { from: 'a', version: 'a', data: NUMBER },
      { from: 'b', version: 'b' },
    ])
  })
})

describe('what is published', () => {
  const conforming = async (
    drafts: readonly EventDraft[],
    catalogue: Catalogue,
    unlistedEventTypes: 'allow' | 'forbid' = 'allow',
  ) => {
    const lines: LogLine[] = []
    const eventTypes = { current: async () => catalogue, write: async () => false }
    const ports = {
      eventTypes,
      log: (line: LogLine) => lines.push(line),
      settings: { unlistedEventTypes },
    }
    await conformAll('tenant', drafts, ports)
    return lines
  }

  it('under warn is logged once for each type, with the place and without names of the payload', async () => {
    const warning = catalogueOf(
      anEventType('t', { check: 'warn', schemas: { '1': TOTAL('number') } }),
    )
    const bad = drafted('t', { data: '{"total":1,"more":{"jane@example.com":"x"}}' })
    expect(await conforming([bad, drafted('t', { data: NUMBER }), bad], warning)).toEqual([
      {
        event: 'publish.invalid',
        tenantId: 'tenant',
        eventType: 't',
        version: '1',
        events: 2,
        path: 'data.more.*',
      },
    ])
  })

  it('is looked at under enforce in each version', async () => {
    const enforcing = catalogueOf(anEventType('t', { check: 'enforce', schemas: SCHEMAS }))
    const given = drafted('t', byVersion(['4', TEXT], ['1', NUMBER]))
    await expect(conforming([given], enforcing)).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['versions', '4', 'total'], message: 'Expected number.' }],
    })
    await expect(conforming([drafted('x', {}), given], enforcing)).rejects.toMatchObject({
      issues: [{ path: [1, 'versions', '4', 'total'] }],
    })
    expect(
      await conforming([drafted('t', byVersion(['4', NUMBER], ['3', TEXT]))], enforcing),
    ).toEqual([])
  })

  it('has to be listed, and not archived, where that is forbidden', async () => {
    const listed = catalogueOf(anEventType('t'), anEventType('gone', { archived: true }))
    expect(await conforming([drafted('t', {})], listed, 'forbid')).toEqual([])
    for (const type of ['gone', 'other']) {
      await expect(conforming([drafted(type, {})], listed, 'forbid')).rejects.toMatchObject({
        issues: [{ path: ['type'] }],
      })
    }
  })
})
