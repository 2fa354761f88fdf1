// What the catalogue says to events that are handed in.

import { describe, expect, it } from 'vitest'
import { RequestSteps, Steps } from '../../../src/engine/catalogue/steps.ts'
import { CONVERSIONS } from '../../../src/engine/expressions/bounds.ts'
import { conform } from '../../../src/engine/intake/conform.ts'
import { conformAll } from '../../../src/engine/intake/conform-all.ts'
import type {
  Catalogue,
  Conversion,
  DataRange,
  EventDraft,
  JsonSchema,
} from '../../../src/engine/model/index.ts'
import type { LogLine } from '../../../src/engine/ports/index.ts'
import { CATALOGUE, PUBLISH, REQUEST } from '../../../src/limits.ts'
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
  conform(draft, catalogue, new RequestSteps(1).next())
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
  ])('%s', async (_, given, ranges) => {
    const { draft } = await conformed(drafted('t', given), CATALOGUE_OF_T)
    expect(draft.ranges).toEqual(ranges)
  })

  it('is everybody, of data that breaks no version', async () => {
    const same = catalogueOf(
      anEventType('t', { schemas: { '1': TOTAL('number'), '2': TOTAL('number') } }),
    )
    const draft = drafted('t', { data: NUMBER })
    expect((await conformed(draft, same)).draft).toBe(draft)
    expect((await conformed(draft, catalogueOf())).draft).toBe(draft)
  })

  it('is as the names of versions say, of a type that is not listed', async () => {
    const { draft } = await conformed(
      drafted('other', byVersion(['b', TEXT], ['a', NUMBER])),
      CATALOGUE_OF_T,
    )
    expect(draft.ranges).toEqual([
      { from: 'a', version: 'a', data: NUMBER },
      { from: 'b', version: 'b' },
    ])
  })
})

describe('what conversions make', () => {
  const UP = { from: '1', to: '2', expression: '{ "total": $string(total), "old": old }' }
  const DOWN = { from: '2', to: '1', expression: '{ "total": $number(total), "id": id }' }
  const typed = (check: 'off' | 'warn' | 'enforce', ...conversions: readonly Conversion[]) =>
    catalogueOf(
      anEventType('t', {
        ...{ check, conversions: conversions.length > 0 ? conversions : [UP, DOWN] },
        schemas: { '1': TOTAL('number'), '2': TOTAL('string') },
      }),
    )

  it('is data of its version as if it had been published, in numbers as they were written', async () => {
    const data = '{"total":"1.50","id":9007199254740993.10}'
    const { draft, invalid } = await conformed(drafted('t', { data }), typed('enforce'))
    expect(invalid).toEqual([])
    expect(draft).toMatchObject({ data })
    expect(draft.ranges).toEqual([
      { from: '1', version: '1', data: '{"total":1.5,"id":9007199254740993.10}' },
      { from: '2', version: '2' },
    ])
  })

  it('is what webhooks get that are pinned to none, where it is the newest', async () => {
    const given = byVersion(['1', '{"total":1.5,"old":1e2}'])
    const { draft } = await conformed(drafted('t', given), typed('enforce'))
    expect(draft).toMatchObject({ ...given, data: '{"total":"1.5","old":1e2}' })
    expect(draft.ranges).toEqual([
      { from: '1', version: '1', data: '{"total":1.5,"old":1e2}' },
      { from: '2', version: '2' },
    ])
  })

  const FAILS = 'The conversion of version 2 to 1 fails: '
  const own = (expression: string) => ({ from: '2', to: '1', expression })
  it.each<[string, Conversion, string, string, string]>([
    ['has no value', own('nothing'), TEXT, 'no_object', 'It makes no object.'],
    ['is no object', own('total'), TEXT, 'no_object', 'It makes no object.'],
    [
      'is a number as it was written',
      own('x'),
      '{"total":"1","x":1.0}',
      'no_object',
      'It makes no object.',
    ],
    [
      'is not valid',
      own('{ "total": total }'),
      TEXT,
      'invalid',
      'What it makes is not valid at total: Expected number.',
    ],
    [
      'cannot be computed',
      own('{ "total": $number(total) }'),
      '{"total":"one"}',
      'failed',
      'The expression has no value for this event (character 19).',
    ],
    [
      'would be another number',
      own('{ "total": more.x + 1 }'),
      '{"total":"1","more":{"x":9007199254740993}}',
      'number_not_exact',
      'The number at data.more.x cannot be computed with exactly; it can only be passed on.',
    ],
    [
      'never ends',
      own('( $f := function($n) { $f($n + 1) }; { "total": $f(1) } )'),
      TEXT,
      'too_many_steps',
      'It takes more steps than there are for the conversions of an event.',
    ],
    [
      'is too large for the event',
      own('{ "total": 1, "x": $pad("", 80000, "x"), "y": $pad("", 80000, "x") }'),
      TEXT,
      'too_large',
      `With what it makes, the event would have more than ${PUBLISH.eventBytes} bytes.`,
    ],
  ])(
    'that %s is refused under enforce, and else told',
    async (_, conversion, data, code, reason) => {
      const draft = drafted('t', { data })
      const refused = await conformed(draft, typed('enforce', conversion))
      expect(refused.invalid).toMatchObject([
        { issue: { path: ['data'], message: FAILS + reason } },
      ])
      for (const check of ['off', 'warn'] as const) {
        const { draft: kept, invalid } = await conformed(draft, typed(check, conversion))
        expect(invalid).toMatchObject([{ version: '1', conversion: { from: '2', to: '1', code } }])
        expect(kept.data).toBe(data)
        expect(kept.ranges).toEqual([
          {
            ...{ from: '1', version: null, data: null },
            failure: `The conversion of 2 to 1 fails: ${reason}`,
          },
          { from: '2', version: null },
        ])
      }
    },
  )

  it('has room in the event with all that it has beside', async () => {
    const expression = '{ "total": 1, "x": $pad("", 30000, "x") }'
    const many = ['1', '2', '3', '4'].map((to) => ({ from: '9', to, expression }))
    const type = anEventType('t', {
      conversions: many,
      schemas: { '1': true, '2': true, '3': true, '4': true, '9': true },
    })
    const { draft, invalid } = await conformed(drafted('t', { data: TEXT }), catalogueOf(type))
    expect(invalid).toMatchObject([{ version: '4', conversion: { code: 'too_large' } }])
    expect(draft.ranges?.map(({ version }) => version)).toEqual(['1', '2', '3', null, '9'])
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

  describe('with conversions', () => {
    const NEVER_ENDING = '( $f := function($n) { $f($n + 1) }; { "total": $f(1) } )'
    const EITHER = `slow ? ${NEVER_ENDING} : { "total": $number(total) }`
    const converting = (check: 'warn' | 'enforce') =>
      catalogueOf(
        anEventType('t', {
          ...{ check, conversions: [{ from: '2', to: '1', expression: EITHER }] },
          schemas: { '1': TOTAL('number'), '2': TOTAL('string') },
        }),
      )
    const slow = drafted('t', { data: '{"total":"1","slow":true}' })
    const good = drafted('t', { data: '{"total":"1"}' })

    it('is told once for each of them, with what kind of failure it was', async () => {
      expect(await conforming([slow, good, slow], converting('warn'))).toEqual([
        {
          event: 'publish.not_converted',
          ...{ tenantId: 'tenant', eventType: 't', version: '1', from: '2' },
          ...{ events: 2, code: 'too_many_steps' },
        },
      ])
    })

    it('is held up by no neighbour that takes all the steps it can', async () => {
      const many = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? slow : good))
      const refused = await conforming(many, converting('enforce')).catch((error) => error)
      expect(refused.issues.map(({ path }: { path: unknown[] }) => path)).toEqual(
        Array.from({ length: REQUEST.shownIssues }, (_, n) => [2 * n, 'data']),
      )
      expect(await conforming(many, converting('warn'))).toMatchObject([{ events: 100 }])
    })

    it('takes the steps of its request and no more', async () => {
      const steps = new Steps(CONVERSIONS.requestSteps)
      const many = Array.from({ length: 40 }, () => slow)
      const own = new RequestSteps(many.length, new Steps(CATALOGUE.requestSteps), steps)
      await conforming(many, converting('warn'), 'allow', own)
      expect(steps.remaining).toBeGreaterThanOrEqual(0)
      expect(steps.remaining).toBeLessThan(CONVERSIONS.requestSteps / 2)
    })
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
