import { describe, expect, it } from 'vitest'
import { EngineError, invalid } from '../../src/errors.ts'
import { messagesByField, withFieldNames } from '../../src/http/field-errors.ts'
import { invalidInput } from '../../src/primitives/validate.ts'

describe('messagesByField', () => {
  it('collects messages under their top-level field and names the place below it', () => {
    const issues = [
      { path: ['url'], message: 'is required' },
      { path: ['events', 2], message: 'is unknown' },
      { path: ['events'], message: 'are too many' },
      { path: ['headers', 'X-A'], message: 'is too long' },
    ]
    expect(messagesByField(issues)).toEqual({
      url: ['is required'],
      events: ['[2]: is unknown', 'are too many'],
      headers: ['X-A: is too long'],
    })
  })

  it('leaves out what is about the whole', () => {
    expect(messagesByField([{ path: [], message: 'must be an object' }])).toEqual({})
  })

  it('keeps a field with a name that objects inherit', () => {
    const messages = messagesByField([{ path: ['__proto__'], message: 'is odd' }])
    expect(JSON.stringify(messages)).toBe('{"__proto__":["is odd"]}')
  })
})

describe('withFieldNames', () => {
  const names = {
    url: ['endpoint', 'url'],
    eventTypes: ['events'],
    'failureHandling.alertUrl': ['onFailure', 'alert'],
  }

  it('puts the vendor’s name in the place of the model’s', () => {
    const error = withFieldNames(invalid(['url'], 'is private.'), names)
    expect(error.issues).toEqual([{ path: ['endpoint', 'url'], message: 'is private.' }])
    expect(error.message).toBe('endpoint.url: is private.')
  })

  it('leaves what a request’s own schema refused: a field that it lacks may have a name of the model’s', () => {
    const issues = [{ path: ['url'], message: 'Unknown field.' }]
    const error = withFieldNames(invalidInput(issues, { inCallersWords: true }), names)
    expect(error.message).toBe('url: Unknown field.')
  })

  it('renames a field below another one', () => {
    const error = withFieldNames(invalid(['failureHandling', 'alertUrl'], 'is private.'), names)
    expect(error.message).toBe('onFailure.alert: is private.')
  })

  it('keeps what is below the field, and fields it does not know', () => {
    const issues = [
      { path: ['eventTypes', 1], message: 'is long' },
      { path: ['name'], message: 'is empty' },
    ]
    const error = withFieldNames(new EngineError('invalid', '', { issues }), names)
    expect(error.issues.map(({ path }) => path)).toEqual([['events', 1], ['name']])
  })

  it('keeps a field with a name that objects inherit', () => {
    const error = withFieldNames(invalid(['constructor'], 'is unknown.'), names)
    expect(error.message).toBe('constructor: is unknown.')
  })

  it('leaves other errors alone', () => {
    const error = new EngineError('conflict', 'Taken.', {
      issues: [{ path: ['url'], message: '' }],
    })
    expect(withFieldNames(error, names)).toBe(error)
  })
})
