import { describe, expect, it } from 'vitest'
import { toCandidates } from '../../../src/platform/d1/subscription-candidates.ts'

describe('toCandidates', () => {
  it.each([
    ['a plain type', 'paid', ['paid', '*']],
    ['a type with a prefix', 'a.b', ['a.b', '*', 'a.*']],
    ['a type with several', 'a.b.c', ['a.b.c', '*', 'a.*', 'a.b.*']],
    ['a type that ends in a dot', 'a.', ['a.', '*', 'a.*']],
    ['a type that begins with a dot', '.a', ['.a', '*', '.*']],
  ])('covers %s', (_, type, expected) => {
    const topic = { tenantId: 't', type, scope: {} }
    expect(toCandidates([topic]).map(([, eventType]) => eventType)).toEqual(expected)
  })

  it('looks a type of nothing but dots up under no more prefixes than a webhook can have', () => {
    const topic = { tenantId: 't', type: '.'.repeat(256), scope: {} }
    expect(toCandidates([topic])).toHaveLength(12)
    expect(toCandidates([topic]).at(-1)).toEqual(['t', '..........*', ''])
  })

  it('asks for webhooks without scope and for each entry of the event’s', () => {
    expect(toCandidates([{ tenantId: 't', type: 'paid', scope: { b: '2', a: '1' } }])).toEqual([
      ['t', 'paid', ''],
      ['t', 'paid', '["a","1"]'],
      ['t', 'paid', '["b","2"]'],
      ['t', '*', ''],
      ['t', '*', '["a","1"]'],
      ['t', '*', '["b","2"]'],
    ])
  })

  it('names what several topics share once, and keeps tenants apart', () => {
    expect(
      toCandidates([
        { tenantId: 't', type: 'x', scope: {} },
        { tenantId: 't', type: 'y', scope: {} },
        { tenantId: 't', type: 'x', scope: {} },
        { tenantId: 'u', type: 'x', scope: {} },
      ]),
    ).toEqual([
      ['t', 'x', ''],
      ['t', '*', ''],
      ['t', 'y', ''],
      ['u', 'x', ''],
      ['u', '*', ''],
    ])
  })
})
