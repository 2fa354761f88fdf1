// Which data each version of a type gets, by what was published and the conversions there are.

import { describe, expect, it } from 'vitest'
import { assignData } from '../../../src/engine/catalogue/assign-data.ts'
import { notConverted } from '../../../src/engine/catalogue/convert.ts'

const TYPE = { '1': true, '2': true, '3': true, '4': true }

/** `conversions`: such as `3>1`. `fit`: versions to which data goes as it is, such as `32`: that of 3 is valid under 2. */
async function assign(
  published: readonly string[],
  conversions: readonly string[],
  { fit = [], failing = [] }: { fit?: readonly string[]; failing?: readonly string[] } = {},
) {
  const type = {
    schemas: TYPE,
    conversions: conversions.map((way) => ({
      ...{ from: way.slice(0, 1), to: way.slice(2), expression: way },
    })),
  }
  const asked: string[] = []
  const { held, made, failed, missing } = await assignData(
    type,
    published.map((version) => ({ version, data: `data${version}` })),
    {
      isFit: (version, data) => fit.includes(`${data.version}${version}`),
      convert: async ({ expression }, data) => {
        asked.push(expression)
        return failing.includes(expression)
          ? notConverted('failed', 'It fails.')
          : { kind: 'converted', data: `${data}>${expression.slice(2)}` }
      },
    },
  )
  const got = [...held].map(([version, { data }]) => [version, data] as const)
  return {
    held: Object.fromEntries(got.toSorted()),
    made: made.map(({ version }) => version).toSorted(),
    failed: failed.map(({ from, to }) => `${from}>${to}`),
    missing: [...missing.keys()].toSorted(),
    asked,
  }
}

describe('a version', () => {
  it.each<[string, Parameters<typeof assign>, Awaited<ReturnType<typeof assign>>['held']]>([
    ['without conversions has none', [['4'], []], { '4': 'data4' }],
    ['gets what is made for it', [['4'], ['4>1']], { '1': 'data4>1', '4': 'data4' }],
    [
      'gets what is made for it over several others',
      [['4'], ['4>3', '3>2', '2>1']],
      { '1': 'data4>3>2>1', '2': 'data4>3>2', '3': 'data4>3', '4': 'data4' },
    ],
    [
      'gets what is made of an older one',
      [['1'], ['1>2', '2>3', '3>4']],
      { '1': 'data1', '2': 'data1>2', '3': 'data1>2>3', '4': 'data1>2>3>4' },
    ],
    [
      'that was published gets that, whatever leads to it',
      [['4', '1'], ['4>1']],
      { '1': 'data1', '4': 'data4' },
    ],
    [
      'gets what is made for it, also where other data is valid under it',
      [['4'], ['4>3'], { fit: ['43', '42', '41', '32'] }],
      { '2': 'data4>3', '3': 'data4>3', '4': 'data4' },
    ],
    [
      'is made of one that has its data as it is',
      [['4'], ['3>1'], { fit: ['43'] }],
      { '1': 'data4>1', '3': 'data4', '4': 'data4' },
    ],
    [
      'keeps the data that it has as it is, whatever is made beside it',
      [['4'], ['4>1'], { fit: ['43', '42', '12', '13'] }],
      { '1': 'data4>1', '2': 'data4', '3': 'data4', '4': 'data4' },
    ],
    [
      'gets as it is what was made for an earlier one',
      [['1'], ['1>2'], { fit: ['23', '13', '14'] }],
      { '1': 'data1', '2': 'data1>2', '3': 'data1>2' },
    ],
    [
      'is made with the fewest conversions, and then of the newest version',
      [
        ['4', '3'],
        ['3>1', '4>1', '4>2', '1>2'],
      ],
      { '1': 'data4>1', '2': 'data4>2', '3': 'data3', '4': 'data4' },
    ],
    [
      'of which all conversions begin nowhere gets data as it is',
      [['4'], ['1>2', '2>1'], { fit: ['43', '42'] }],
      { '1': 'data4>1', '2': 'data4', '3': 'data4', '4': 'data4' },
    ],
    ['that leads in a circle without a start has none', [['4'], ['1>2', '2>1']], { '4': 'data4' }],
  ])('%s', async (_, given, held) => {
    expect((await assign(...given)).held).toEqual(held)
  })

  it('whose conversion fails has none, nor has what is made of it, whatever else is valid', async () => {
    const fit = ['43', '42', '41']
    const failing = ['4>3']
    const found = await assign(['4'], ['4>3', '3>2', '4>1'], { fit, failing })
    expect(found).toEqual({
      held: { '1': 'data4>1', '4': 'data4' },
      made: ['1'],
      failed: ['4>3'],
      missing: ['2', '3'],
      asked: ['4>1', '4>3'],
    })
  })

  it('is made once at most', async () => {
    const all = ['1', '2', '3', '4'].flatMap((from) =>
      ['1', '2', '3', '4'].filter((to) => to !== from).map((to) => `${from}>${to}`),
    )
    expect((await assign(['2'], all)).asked).toEqual(['2>1', '2>3', '2>4'])
  })
})
