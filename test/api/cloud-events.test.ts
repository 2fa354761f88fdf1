import { describe, expect, it } from 'vitest'
import { parseCloudEvent, parseCloudEventBatch } from '../../src/api/cloud-events.ts'
import { EngineError } from '../../src/errors.ts'

const event = { specversion: '1.0', id: 'a', source: '/s', type: 't', data: {} }

/** Where an event with these attributes is refused. */
function refusal(attributes: object): string[] | null {
  try {
    parseCloudEvent(JSON.stringify({ ...event, ...attributes }))
    return null
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid') throw error
    return error.issues.map(({ path }) => path.join('/'))
  }
}

describe('parseCloudEvent', () => {
  it('maps the attributes of a CloudEvent', () => {
    const text = `{
      "specversion": "1.0", "type": "com.example.object.created", "source": "https://example.com/x",
      "id": "A234", "time": "2018-04-05T17:31:00+02:00", "subject": "mynewfile.jpg",
      "comexampleextension1": "value", "count": 5, "urgent": true, "nothing": null,
      "datacontenttype": "application/json", "dataschema": "https://example.com/schema",
      "data": {"appinfoA": "abc", "n": 1.0}
    }`
    expect(parseCloudEvent(text)).toEqual([
      {
        type: 'com.example.object.created',
        data: '{"appinfoA": "abc", "n": 1.0}',
        deduplicationKey: '["https://example.com/x","A234"]',
        time: '2018-04-05T15:31:00.000Z',
        scope: {
          subject: 'mynewfile.jpg',
          comexampleextension1: 'value',
          count: '5',
          urgent: 'true',
        },
        cloudEvent: {
          ...{ id: 'A234', source: 'https://example.com/x', subject: 'mynewfile.jpg' },
          ...{ time: '2018-04-05T17:31:00+02:00', comexampleextension1: 'value' },
          ...{ count: 5, urgent: true },
          datacontenttype: 'application/json',
          dataschema: 'https://example.com/schema',
        },
        actor: null,
        requestId: null,
      },
    ])
  })

  it.each([
    [{ specversion: undefined }, 'specversion'],
    [{ specversion: '0.3' }, 'specversion'],
    [{ id: undefined }, 'id'],
    [{ id: '' }, 'id'],
    [{ id: null }, 'id'],
    [{ source: undefined }, 'source'],
    [{ source: '' }, 'source'],
    [{ source: 'not a uri' }, 'source'],
    [{ type: undefined }, 'type'],
    [{ type: 'has space' }, 'type'],
    [{ type: 'webhook.resumed' }, 'type'],
    [{ time: '2026-02-30T00:00:00Z' }, 'time'],
    [{ subject: '' }, 'subject'],
    [{ data: undefined }, 'data'],
    [{ data: null }, 'data'],
    [{ data: 'text' }, 'data'],
    [{ data_base64: 'e30=' }, 'data_base64'],
    [{ extension: { a: 1 } }, 'extension'],
    [{ extension: 1.5 }, 'extension'],
    [{ Extension: 'a' }, 'Extension'],
    [{ ['__proto__']: 'a' }, '__proto__'],
    [{ subject: 'x'.repeat(513) }, 'subject'],
  ])('refuses %j', (attributes, path) => {
    expect(refusal(attributes)).toEqual([path])
  })

  it('takes attributes that have no place in an event of ours', () => {
    expect(refusal({ datacontenttype: 'text/xml', dataschema: 'urn:x' })).toBeNull()
  })

  it('reads a long media type in no more time than it takes to look at it', () => {
    const spent = (datacontenttype: string) => {
      const begun = performance.now()
      expect(refusal({ datacontenttype })).toBeNull()
      return performance.now() - begun
    }
    // Of tokens (RFC 9110, section 8.3.1): a slash is in none, a plus is in any.
    expect(spent('/+'.repeat(40_000))).toBeLessThan(500)
    expect(spent(`a/${'+'.repeat(80_000)}`)).toBeLessThan(500)
  })

  it.each(['5', '[]', 'null', '{}'])('refuses %s', (text) => {
    expect(() => parseCloudEvent(text)).toThrow(expect.objectContaining({ code: 'invalid' }))
    expect(() => parseCloudEventBatch(text)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})
