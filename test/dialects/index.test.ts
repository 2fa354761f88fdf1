// What must hold between dialects, whoever writes the next one.

import { describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'

describe('the dialects', () => {
  it('have an id each, and none is the native one', () => {
    const ids = dialects.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).not.toContain('native')
  })

  it('have a path each, with a slash before it and none after it', () => {
    for (const { basePath } of dialects) expect(basePath).toMatch(/^(\/[a-z0-9]+)+$/)
  })

  it('do not answer for each other or for /v1', () => {
    const paths = ['/v1', ...dialects.map(({ basePath }) => basePath)].map((path) => `${path}/`)
    for (const path of paths) {
      expect(paths.filter((other) => other.startsWith(path))).toEqual([path])
    }
  })
})
