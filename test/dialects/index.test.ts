// What must hold between dialects, whoever writes the next one.

import { describe, expect, it } from 'vitest'
import { nativeRuntime } from '../../src/api/native-wire.ts'
import { PROCESSED } from '../../src/dialects/crazygoldfish/translate.ts'
import { dialects } from '../../src/dialects/index.ts'
import { isFor, mismatches } from '../../src/engine/intake/match.ts'
import { expunge } from '../../src/engine/model/index.ts'
import { ENGINE_ERROR_CODES, EngineError } from '../../src/errors.ts'
import { anEvent, aWebhook } from './models.ts'

/** Those of which dialects look into the event, and one that none knows. */
const TYPES = ['job', 'annotation', 'message', PROCESSED, 'a.b']
/** What a dialect cannot tell to be a webhook's without its content. */
const NEEDING_CONTENT = new Set(['everypoint annotation'])

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

  it.each(
    [{ id: 'native', ...nativeRuntime }, ...dialects].flatMap((runtime) =>
      TYPES.map((type) => [runtime.id, type, runtime] as const),
    ),
  )('%s matches an event %s without content, and does not throw', (id, type, runtime) => {
    const webhook = aWebhook({ dialect: id, eventTypes: [type], attributes: {} })
    const event = expunge(anEvent({ type, data: '{"trigger":"/a"}', scope: { instance: 'a' } }), 7)
    const matched = isFor(webhook, event, () => runtime)
    expect(matched).toBe(!NEEDING_CONTENT.has(`${id} ${type}`))
    expect(mismatches(webhook, event, () => runtime)).toEqual(matched ? [] : ['dialect'])
  })
})
