// What the catalogue says to events that are handed in.

import { describe, expect, it } from 'vitest'
import { RequestSteps, Steps } from '../../../src/engine/catalogue/steps.ts'
import { conform, conformAll } from '../../../src/engine/intake/conform.ts'
import type {
  Catalogue,
  DataRange,
  EventDraft,
  JsonSchema,
} from '../../../src/engine/model/index.ts'
import type { LogLine } from '../../../src/engine/ports/index.ts'
import { CATALOGUE, REQUEST } from '../../../src/limits.ts'
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
const conformed = (draft: EventDraft, catalogue: Catalogue) =>
  conform(draft, catalogue, new Steps(CATALOGUE.requestSteps))
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
    expect(conformed(drafted('t', given), CATALOGUE_OF_T).draft.ranges).toEqual(ranges)
  })

  it('is everybody, of data that breaks no version', () => {
    const same = catalogueOf(
      anEventType('t', { schemas: { '1': TOTAL('number'), '2': TOTAL('number') } }),
    )
    const draft = drafted('t', { data: NUMBER })
    expect(conformed(draft, same).draft).toBe(draft)
    expect(conformed(draft, catalogueOf()).draft).toBe(draft)
  })

  it('is as the names of versions say, of a type that is not listed', () => {
    const { draft } = conformed(
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
    steps?: RequestSteps,
  ) => {
    const lines: LogLine[] = []
    const eventTypes = { current: async () => catalogue, write: async () => false }
    const ports = {
      eventTypes,
      log: (line: LogLine) => lines.push(line),
      settings: { unlistedEventTypes },
    }
    await conformAll('tenant', drafts, ports, steps)
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

  describe('under a schema made to be slow', () => {
    // A filter as many APIs have it: each level is one of two things that have the same members.
    const level = (kind: string) => ({
      type: 'object',
      properties: { kind: { const: kind }, of: { $ref: '#/$defs/filter' } },
    })
    const FILTERS: JsonSchema = {
      properties: { filter: { $ref: '#/$defs/filter' } },
      $defs: { filter: { anyOf: [level('and'), level('or'), { type: 'string' }] } },
    }
    const nested = (levels: number) => {
      let filter: unknown = 5
      for (let n = 0; n < levels; n += 1) filter = { of: filter }
      return drafted('t', { data: JSON.stringify({ filter }) })
    }
    const ofOne = (
      check: 'warn' | 'enforce',
      schemas: Record<string, JsonSchema> = { '1': FILTERS },
    ) => catalogueOf(anEventType('t', { check, schemas }))
    const message = 'The data is too complex to be checked.'
    const good = drafted('t', { data: '{"filter":"x"}' })

    it('is refused with its path, and what is beside it is not', async () => {
      await expect(conforming([good, nested(40), good], ofOne('enforce'))).rejects.toMatchObject({
        issues: [{ path: [1, 'data'], message }],
      })
    })

    it('has one budget in a request, however many events it is of', async () => {
      const many = Array.from({ length: 40 }, () => nested(40))
      let spent = 0
      const counting = new (class extends Steps {
        override spend(steps: number) {
          super.spend(steps)
          spent += steps
        }
      })(CATALOGUE.requestSteps)
      await conforming(many, ofOne('warn'), 'allow', new RequestSteps(many.length, counting))
      expect(spent).toBeLessThanOrEqual(CATALOGUE.requestSteps)
    })

    it('leaves enough for the events behind it, and those of other types', async () => {
      const many = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? nested(40) : good))
      const refused = await conforming(many, ofOne('enforce')).catch((error) => error)
      expect(refused.issues.map(({ path }: { path: unknown[] }) => path[0])).toEqual(
        Array.from({ length: REQUEST.shownIssues }, (_, n) => 2 * n),
      )
      expect(await conforming(many, ofOne('warn'))).toMatchObject([{ events: 250 }])
    })

    it('costs the request no more than the event may take', async () => {
      const items = Array.from({ length: 5_000 }, (_, n) => n)
      const costly = drafted('t', { data: JSON.stringify({ filter: items.map(() => -1) }) })
      const enumerated = { properties: { filter: { items: { enum: items } } } }
      const drafts = [...Array.from({ length: 9 }, () => costly), good]
      const of = ofOne('warn', { '1': enumerated })
      expect(await conforming(drafts, of)).toMatchObject([{ events: 9 }])
    })

    it('has one budget for all versions of an event, and is refused where an earlier one exceeds it', async () => {
      const versions = { '1': FILTERS, '2': {} }
      await expect(conforming([nested(40)], ofOne('enforce', versions))).rejects.toMatchObject({
        issues: [{ path: ['data'], message }],
      })
    })

    it('is told apart from an ordinary request of the largest size', async () => {
      const ordinary = drafted('t', {
        data: JSON.stringify({ items: Array.from({ length: 150 }, (_, n) => ({ n, of: 'x' })) }),
      })
      const SCHEMA: JsonSchema = {
        properties: {
          items: { items: { properties: { n: { type: 'integer' }, of: { minLength: 1 } } } },
        },
      }
      const all = Array.from({ length: 1_000 }, () => ordinary)
      expect(await conforming(all, ofOne('enforce', { '1': SCHEMA }))).toEqual([])
    })
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
