import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { refuseOtherMethods, refuseOtherPaths } from '../../src/http/methods.ts'
import type { SurfaceEnv } from '../../src/http/surface.ts'

const app = new Hono<SurfaceEnv>({ strict: false })
app.onError((error, c) => c.text(error instanceof EngineError ? error.code : 'crashed', 400))
app.get('/things', (c) => c.text('list'))
app.post('/things', (c) => c.text('create'))
refuseOtherMethods(app, '/things', ['GET', 'POST'])
app.delete('/things/:id', (c) => c.text('delete'))
refuseOtherMethods(app, '/things/:id', ['DELETE'])
refuseOtherPaths(app)

async function call(method: string, path: string) {
  const response = await app.request(path, { method }, { exampleSecret: null })
  return [await response.text(), response.headers.get('allow')]
}

describe('refused methods and paths', () => {
  it.each([
    ['GET', '/things', 'list', null],
    ['POST', '/things/', 'create', null],
    ['HEAD', '/things', '', null],
    ['DELETE', '/things/1', 'delete', null],
    ['PUT', '/things', 'method_not_allowed', 'GET, HEAD, POST'],
    ['GET', '/things/1', 'method_not_allowed', 'DELETE'],
    ['GET', '/', 'not_found', null],
    ['POST', '/things/1/2', 'not_found', null],
  ])('%s %s: %s', async (method, path, text, allow) => {
    expect(await call(method, path)).toEqual([text, allow])
  })
})
