import { describe, expect, it } from 'vitest'
import { parseDrafts } from '../../../src/engine/intake/parse.ts'
import { EngineError } from '../../../src/errors.ts'

/** What a text is refused with. */
function refusal(text: string) {
  try {
    parseDrafts(text)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return { code: error.code, paths: error.issues.map(({ path }) => path.join('/')) }
  }
  return null
}

describe('parseDrafts', () => {
  it('reads every field of an event', () => {
    const text = `{
      "type": "survey_finished",
      "data": { "survey_id": "12345678-1234-5678-1234-567812345678" },
      "id": "order-42-paid",
      "time": "2026-11-22T10:00:00+01:00",
      "scope": { "inbox": "5e7a0df1800de5422a6f7776" },
      "actor": "01900000-0000-7000-8000-00000000000A",
      "requestId": "01900000-0000-7000-8000-00000000000b"
    }`
    expect(parseDrafts(text)).toEqual([
      {
        type: 'survey_finished',
        data: '{ "survey_id": "12345678-1234-5678-1234-567812345678" }',
        deduplicationKey: 'order-42-paid',
        time: '2026-11-22T09:00:00.000Z',
        scope: { inbox: '5e7a0df1800de5422a6f7776' },
        actor: '01900000-0000-7000-8000-00000000000a',
        requestId: '01900000-0000-7000-8000-00000000000b',
      },
    ])
  })

  it('leaves what a producer does not say to the engine', () => {
    expect(parseDrafts('{"type":"a","data":{}}')).toEqual([
      {
        type: 'a',
        data: '{}',
        deduplicationKey: null,
        time: null,
        scope: {},
        actor: null,
        requestId: null,
      },
    ])
  })

  it('refuses more than 1,000 events before it reads them', () => {
    // Unfinished, so that a parser would have called it malformed.
    expect(refusal(`[${'{},'.repeat(1_000)}`)).toEqual({ code: 'invalid', paths: [''] })
    expect(refusal(`[${'{},'.repeat(999)}`)).toMatchObject({ code: 'malformed' })
  })

  it('counts the events alone, not what is in their payloads', () => {
    const text = JSON.stringify([{ type: 'a', data: { list: Array(5_000).fill(1) } }])
    expect(parseDrafts(text)).toHaveLength(1)
    expect(parseDrafts(text.slice(1, -1))).toHaveLength(1)
  })

  it('refuses half a million members before it reads them', () => {
    expect(refusal(`[[${'{},'.repeat(500_001)}`)).toEqual({ code: 'too_large', paths: [] })
    expect(refusal(`[[${'{},'.repeat(500_000)}`)).toMatchObject({ code: 'malformed' })
  })

  it.each([
    '{"b":1,"a":2,"10":3,"9":4}',
    '{"n":12345678901234567890,"p":1.10,"e":1e400,"z":-0.0}',
    '{ "s" : "\\u00e9é\\ud83d\\ude00😀\\/" ,\r\n\t"x":[ ] }',
    '{"a":1,"a":2,"__proto__":{"data":{}}}',
    '{"data":{"data":{}},"type":"x"}',
  ])('keeps the payload %j as it was written', (data) => {
    expect(parseDrafts(`{"data":${data} ,"type":"a"}`)[0]?.data).toBe(data)
    const batch = `[{"type":"a","data":{}}, {"data": ${data},"type":"b"}\n]`
    expect(parseDrafts(batch).map((draft) => draft.data)).toEqual(['{}', data])
  })

  it('takes the last of repeated fields, as JSON.parse does', () => {
    expect(parseDrafts('{"type":"a","data":1,"data":{"x":2},"type":"b"}')).toMatchObject([
      { type: 'b', data: '{"x":2}' },
    ])
  })

  it.each([
    ['{"data":{}}', 'type'],
    ['{"type":"","data":{}}', 'type'],
    ['{"type":"a b","data":{}}', 'type'],
    [`{"type":"${'a'.repeat(257)}","data":{}}`, 'type'],
    ['{"type":5,"data":{}}', 'type'],
    ['{"type":"webhook.failing","data":{}}', 'type'],
    ['{"type":"webhook.suspended","data":{}}', 'type'],
    ['{"type":"webhook.resumed","data":{}}', 'type'],
    ['{"type":"webhook.exhausted","data":{}}', 'type'],
    ['{"type":"a"}', 'data'],
    ['{"type":"a","data":null}', 'data'],
    ['{"type":"a","data":[]}', 'data'],
    ['{"type":"a","data":"{}"}', 'data'],
    ['{"type":"a","data":{},"id":""}', 'id'],
    [`{"type":"a","data":{},"id":"${'a'.repeat(257)}"}`, 'id'],
    ['{"type":"a","data":{},"id":"\\ud800"}', 'id'],
    ['{"type":"a","data":{},"time":"2026-02-30T00:00:00Z"}', 'time'],
    ['{"type":"a","data":{},"time":1795341600}', 'time'],
    ['{"type":"a","data":{},"scope":[]}', 'scope'],
    ['{"type":"a","data":{},"scope":{"a":1}}', 'scope/a'],
    ['{"type":"a","data":{},"scope":{"a":{"b":"c"}}}', 'scope/a'],
    ['{"type":"a","data":{},"scope":{"__proto__":"c"}}', 'scope/__proto__'],
    ['{"type":"a","data":{},"actor":"me"}', 'actor'],
    ['{"type":"a","data":{},"requestId":"01KAP1YJ6G0000000000000000"}', 'requestId'],
    ['{"type":"a","data":{},"kind":"b"}', 'kind'],
    ['{"type":"a","data":{},"__proto__":{}}', '__proto__'],
    ['5', ''],
    ['null', ''],
    ['"a"', ''],
    ['[]', ''],
    ['[{"type":"a","data":{}},{"type":"b"}]', '1/data'],
    ['[{"type":"a","data":{}},[]]', '1'],
  ])('refuses %s at %s', (text, path) => {
    expect(refusal(text)).toEqual({ code: 'invalid', paths: [path] })
  })

  it('looks at no entry of a scope that has too many', () => {
    const entries = Array.from({ length: 5_000 }, (_, n) => `"${n}":${n}`)
    expect(refusal(`{"type":"a","data":{},"scope":{${entries.join(',')}}}`)).toEqual({
      code: 'invalid',
      paths: ['scope'],
    })
  })

  it('takes sixteen entries of scope and refuses seventeen', () => {
    const scope = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v'])))
    expect(parseDrafts(`{"type":"a","data":{},"scope":${scope(16)}}`)).toHaveLength(1)
    expect(refusal(`{"type":"a","data":{},"scope":${scope(17)}}`)).toEqual({
      code: 'invalid',
      paths: ['scope'],
    })
  })

  it('takes a thousand events and refuses one more', () => {
    const batch = (count: number) => `[${Array(count).fill('{"type":"a","data":{}}').join(',')}]`
    expect(parseDrafts(batch(1_000))).toHaveLength(1_000)
    expect(refusal(batch(1_001))).toEqual({ code: 'invalid', paths: [''] })
  })

  it('takes an event of 100,000 bytes and refuses one more byte, naming its index', () => {
    const event = (bytes: number) => `{"type":"a","data":{"x":"${'é'.repeat((bytes - 30) / 2)}"}}`
    const largest = `${event(100_000)}`
    expect(new TextEncoder().encode(largest).byteLength).toBe(99_998)
    const padded = largest.replace('"a"', '"aaa"')
    expect(parseDrafts(`  ${padded}  `)).toHaveLength(1)
    const tooLarge = largest.replace('"a"', '"aaaa"')
    expect(refusal(tooLarge)).toEqual({ code: 'too_large', paths: [''] })
    expect(refusal(`[{"type":"a","data":{}},${tooLarge}]`)).toEqual({
      code: 'too_large',
      paths: ['1'],
    })
  })

  it('names every bad event of an array, a hundred at most', () => {
    const batch = `[${Array(1_000).fill('{"type":"a"}').join(',')}]`
    expect(refusal(batch)?.paths).toHaveLength(100)
  })

  it('is malformed when it is not JSON', () => {
    expect(refusal('{"type":"a","data":{},}')).toEqual({ code: 'malformed', paths: [] })
  })
})
