// What must hold between dialects, whoever writes the next one.

import { describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { ENGINE_ERROR_CODES, EngineError } from '../../src/errors.ts'

describe('the dialects', () => {
  it('have an id each, and none is the native one', () => {
    const ids = dialects.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).not.toContain('native')
  })

  it('have a path each, with a slash before it and none after it', () => {
    for (const { basePath } of dialects) expect(basePath).toMatch(/^(\/[a-z0-9]+)+$/)
  })

  it('describe the errors that they answer', () => {
    for (const { id, surface } of dialects) {
      for (const code of ENGINE_ERROR_CODES) {
        for (const issues of [[], [{ path: ['url'], message: 'is private' }]]) {
          const body = surface.errors[code][1](new EngineError(code, 'No.', { issues }))
          expect(surface.errorBody.safeParse(body).data, `${id} ${code}`).toEqual(body)
        }
      }
    }
  })

  it('do not answer for each other or for /v1', () => {
    const paths = ['/v1', ...dialects.map(({ basePath }) => basePath)].map((path) => `${path}/`)
    for (const path of paths) {
      expect(paths.filter((other) => other.startsWith(path))).toEqual([path])
    }
  })
})
