import { describe, expect, it } from 'vitest'
import { describeError, framesOf } from '../src/errors.ts'

/** An error that quotes what could not be read. */
function quoting(): Error {
  try {
    JSON.parse('{"name": planted}')
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('That is no JSON.')
}

describe('what the log says of an error', () => {
  it('is its message and that of its cause', () => {
    const cause = new TypeError('D1 is down.')
    const error = new Error('It failed.', { cause })
    expect(describeError(error)).toBe('Error: It failed. (TypeError: D1 is down.)')
    expect(describeError('text')).toBe('text')
  })

  it('quotes nothing that could not be read', () => {
    const error = quoting()
    expect(error.message).toContain('planted')
    expect(describeError(error)).toBe('SyntaxError')
    expect(describeError(new Error('A row.', { cause: error }))).toBe('Error: A row. (SyntaxError)')
  })

  it('is where it was thrown, without its message', () => {
    const frames = framesOf(quoting())
    expect(frames).toContain('errors.test')
    expect(frames).not.toContain('planted')
    expect(framesOf('text')).toBeUndefined()
    const lines = new Error('several\n    lines\n of planted text')
    expect(framesOf(lines)).not.toContain('planted')
  })
})
