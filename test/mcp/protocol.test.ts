// The transport: what is refused, how, and that nothing is ever a 500.

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { toProblem } from '../../src/api/problem.ts'
import { EngineError } from '../../src/errors.ts'
import { asking, NOBODY } from '../api/asked.ts'
import { createKey, createTenant, presentations, publish, sendAs } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { ADDRESS, agentWith, connect, post } from './agent.ts'
import { withApi } from './api.ts'

const key = await createKey(await createTenant())
const bearer = presentations.bearer(key)
const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
const say = (body: string, headers = {}) => post(body, { ...bearer, ...headers })

async function errorOf(response: Response) {
  const { error, id } = (await response.json()) as {
    error: { code: number; message: string }
    id: unknown
  }
  return { status: response.status, code: error.code, message: error.message, id }
}

describe('a message', () => {
  it('is answered as JSON, by itself, whether or not it was begun with `initialize`', async () => {
    const response = await say(LIST)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('mcp-session-id')).toBeNull()
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: 1,
      result: { tools: expect.any(Array) },
    })
  })

  it.each(['2025-11-25', '2025-06-18', '2025-03-26'])(
    'begins a connection of %s',
    async (protocolVersion) => {
      const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'x', version: '1' } }
      const response = await say(
        JSON.stringify({ jsonrpc: '2.0', id: 'a', method: 'initialize', params }),
      )
      expect(await response.json()).toMatchObject({
        id: 'a',
        result: {
          protocolVersion,
          serverInfo: { name: 'hookline' },
          capabilities: { tools: {} },
          instructions: expect.any(String),
        },
      })
      const listed = await say(LIST, { 'mcp-protocol-version': protocolVersion })
      expect(listed.status).toBe(200)
    },
  )

  it('that only tells something is 202', async () => {
    const response = await say('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    expect(response.status).toBe(202)
    expect(await response.text()).toBe('')
  })

  it.each([
    ['no JSON', '{"jsonrpc":', 400, -32_700],
    ['nothing', '', 400, -32_700],
    ['too deep', `${'['.repeat(200)}${']'.repeat(200)}`, 400, -32_700],
    ['no message', '{"jsonrpc":"1.0"}', 400, undefined],
    ['null', 'null', 400, undefined],
    ['a text', '"tools/list"', 400, undefined],
    ['a batch', `[${LIST},${LIST}]`, 400, -32_600],
    ['an empty batch', '[]', 400, -32_600],
    [
      'too large',
      `{"jsonrpc":"2.0","id":1,"method":"x","params":{"x":"${'x'.repeat(65_536)}"}}`,
      413,
      -32_000,
    ],
  ])('that is %s is refused', async (_, body, status, code) => {
    const error = await errorOf(await say(body))
    expect(error).toMatchObject({ status, id: null, ...(code !== undefined && { code }) })
    expect(error.message).not.toBe('')
  })

  it('with a method that there is not is refused as JSON-RPC has it', async () => {
    const response = await say('{"jsonrpc":"2.0","id":7,"method":"resources/list"}')
    expect(await errorOf(response)).toMatchObject({ status: 200, code: -32_601, id: 7 })
  })

  it('that asks for a stream is told that there is none', async () => {
    const response = await say(
      '{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen","params":{}}',
    )
    expect(await errorOf(response)).toEqual({
      status: 404,
      code: -32_601,
      id: 7,
      message: 'Nothing is streamed here.',
    })
  })

  it.each([
    ['an unknown revision', { 'mcp-protocol-version': '1999-01-01' }, 400],
    ['the newest revision and no envelope', { 'mcp-protocol-version': '2026-07-28' }, 400],
    ['another content type', { 'content-type': 'text/plain' }, 415],
    ['an Accept without JSON', { accept: 'text/html' }, 406],
  ])('with %s is refused', async (_, headers, status) => {
    expect((await errorOf(await say(LIST, headers))).status).toBe(status)
  })

  it.each(['GET', 'DELETE', 'PUT'])('is a POST: %s is 405', async (method) => {
    const response = await post(LIST, bearer, method)
    expect(response.headers.get('allow')).toBe('POST')
    expect((await errorOf(response)).status).toBe(405)
  })

  it('goes to /mcp, with a slash or without, and nowhere below', async () => {
    const ask = asking(sendAs(key))
    expect((await ask('POST', '/mcp/x', LIST)).status).toBe(404)
    const { exports } = await import('cloudflare:workers')
    const headers = {
      ...bearer,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const response = await exports.default.fetch(
      new Request(`${ADDRESS}/`, { method: 'POST', headers, body: LIST }),
    )
    expect(response.status).toBe(200)
  })
})

describe('a tool', () => {
  it('that there is not is an error of the protocol', async () => {
    const { call } = await agentWith(key)
    await expect(call('drop_tables')).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining('There is no such tool.'),
    })
    await expect(call('__proto__')).rejects.toMatchObject({ code: -32_602 })
  })

  it.each([
    ['get_event', {}, /^eventId: /],
    ['get_event', { eventId: 'x' }, /^eventId: Expected an id, which is a UUID\.$/],
    ['get_event', { eventId: NOBODY, from: -1 }, /^from: /],
    ['get_event', { eventId: NOBODY, other: 1 }, /^other: Unknown field\.$/],
    ['get_event', { eventId: `${NOBODY}/../../webhooks` }, /^eventId: /],
    ['search_events', { limit: 51 }, /^limit: /],
    ['search_events', { type: 5 }, /^type: /],
    ['search_events', { type: '' }, /^type: /],
    ['search_events', { type: { length: { toString: '' } } }, /^type: /],
    ['search_events', { after: 'yesterday' }, /after.*\(400\)/s],
    ['search_events', { cursor: 'webhooks.x' }, /cursor.*\(400\)/s],
    ['search_events', { state: 'done' }, /^state: /],
    ['search_attempts', { cursor: 'events.x' }, /cursor.*\(400\)/s],
    ['wait_for_event', { timeoutSeconds: 31 }, /^timeoutSeconds: /],
    ['wait_for_event', { after: 'soon', timeoutSeconds: 1 }, /after.*\(400\)/s],
    ['list_webhooks', { status: 'dead' }, /^status: /],
    ['explain_delivery', { eventId: NOBODY }, /^No such event\. \(404\)$/],
  ])('%s with %j says what was wrong and where', async (name, args, why) => {
    const { isError, text } = await (await agentWith(key)).call(name, args)
    expect(isError).toBe(true)
    expect(text).toMatch(why)
  })

  it('takes arguments that are none as none', async () => {
    const call = (args: string) =>
      say(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_webhooks"${args}}}`)
    expect(await (await call('')).json()).toMatchObject({
      result: { structuredContent: { webhooks: [] } },
    })
    for (const odd of ['[]', '5', '"x"']) {
      const { status, code } = await errorOf(await call(`,"arguments":${odd}`))
      expect({ status, code }).toEqual({ status: 200, code: -32_602 })
    }
  })

  it('stands by its name in the line of the request, and not its arguments', async () => {
    const lines = vi.spyOn(console, 'log').mockImplementation(() => {})
    const worker = startWorker([])
    const { call } = await connect(bearer, { fetch: worker.fetch })
    const id = await publish(key, { type: 'hidden-type', data: '{"x":"hidden-data"}' })
    lines.mockClear()
    await call('search_events', { type: 'hidden-type' })
    await call('get_event', { eventId: NOBODY })
    await call('hidden-tool').catch(() => null)
    const logged = lines.mock.calls.map(([line]) => JSON.parse(String(line)))
    lines.mockRestore()
    expect(logged).toMatchObject([
      {
        event: 'request',
        method: 'POST',
        route: '/mcp',
        status: 200,
        tool: 'search_events',
        keyId: key.id,
      },
      { event: 'request', route: '/mcp', status: 200, tool: 'get_event', failure: 'not_found' },
      { event: 'request', route: '/mcp', status: 200 },
    ])
    expect(logged[2]).not.toHaveProperty('tool')
    expect(JSON.stringify(logged)).not.toMatch(/hidden/)
    expect(id).toBeTruthy()
  })

  it('that fails within says so, and the log what it was', async () => {
    const { ask, lines } = withApi(() => {
      throw new TypeError('hidden-cause')
    })
    const response = await ask('search_events', {})
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      result: { isError: true, content: [{ text: 'An internal error occurred.' }] },
    })
    expect(lines).toMatchObject([{ event: 'request.crashed', error: 'TypeError: hidden-cause' }])
  })

  it('says what `/v1` says where a component does not answer', async () => {
    const { ask } = withApi(() =>
      Response.json(toProblem(new EngineError('unavailable', 'Try again later.')), { status: 503 }),
    )
    expect(await (await ask('search_events', {})).json()).toMatchObject({
      result: { isError: true, content: [{ text: 'Try again later. (503)' }] },
    })
  })
})

describe('whatever is sent', () => {
  it('is answered with less than 500, and what was wrong', async ({ task }) => {
    const agent = await agentWith(key)
    // Without arguments it waits.
    const names = (await agent.toolNames()).filter((name) => name !== 'wait_for_event')
    const params = fc.record({ name: fc.constantFrom(...names), arguments: fc.jsonValue() })
    const envelope = { jsonrpc: '2.0', id: 1 }
    const message = fc.oneof(
      fc.jsonValue(),
      params.map((params) => ({ ...envelope, method: 'tools/call', params })),
      fc
        .record({ method: fc.string(), params: fc.jsonValue() })
        .map((rest) => ({ ...envelope, ...rest })),
    )
    let asked = 0
    const check = fc.asyncProperty(message, async (message) => {
      const response = await say(JSON.stringify(message))
      expect(response.status).toBeLessThan(500)
      expect([200, 202, 400, 404, 413]).toContain(response.status)
      expect(await response.text()).not.toContain('An internal error occurred.')
      asked += 1
    })
    await fc.assert(check, { numRuns: 300, endOnFailure: true })
    task.meta.counted = `${asked} messages, none of them a 500`
  }, 60_000)
})

describe('a web page', () => {
  const asks = (origin: string, url = ADDRESS) => ({ origin, url })
  const worker = (bindings: Parameters<typeof startWorker>[1]) => startWorker([], bindings)
  const ask = async (
    { origin, url }: ReturnType<typeof asks>,
    fetch: (request: Request) => Promise<Response> = worker({}).fetch,
  ) => {
    const headers = {
      ...bearer,
      origin,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    return fetch(new Request(url, { method: 'POST', headers, body: LIST }))
  }

  it.each([
    ['of the deployment itself', asks('https://hookline.test'), 200],
    ['of another site', asks('https://evil.example'), 403],
    ['of the same name over http', asks('http://hookline.test'), 403],
    ['of another port', asks('https://hookline.test:8443'), 403],
    ['without an origin', asks('null'), 403],
    ['of this machine', asks('http://localhost:8787', 'http://localhost:8787/mcp'), 200],
    [
      'of this machine, at another port',
      asks('http://localhost:3000', 'http://localhost:8787/mcp'),
      403,
    ],
    [
      'whose name was made to lead to this machine',
      asks('http://evil.example:8787', 'http://evil.example:8787/mcp'),
      403,
    ],
  ])('%s: %j is %i', async (_, asked, status) => {
    expect((await ask(asked)).status).toBe(status)
  })

  it('of an allowed origin, or of PUBLIC_URL, may ask', async () => {
    const { fetch } = worker({
      ALLOWED_ORIGINS: 'https://app.example',
      PUBLIC_URL: 'https://hooks.example',
    })
    expect((await ask(asks('https://app.example'), fetch)).status).toBe(200)
    expect((await ask(asks('https://hooks.example'), fetch)).status).toBe(200)
    expect((await ask(asks('https://other.example'), fetch)).status).toBe(403)
    const preflight = new Request(ADDRESS, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    const allowed = (await fetch(preflight)).headers.get('access-control-allow-headers')
    expect(allowed).toContain('MCP-Protocol-Version')
  })

  it('is refused before anybody asks who it is', async () => {
    const response = await post(LIST, { origin: 'https://evil.example' })
    expect(await errorOf(response)).toMatchObject({
      status: 403,
      code: -32_000,
      message: expect.stringContaining('ALLOWED_ORIGINS'),
    })
  })
})

describe('a deployment', () => {
  it('that limits keys counts each call that a tool makes', async () => {
    let asked = 0
    const KEY_REQUESTS = {
      async limit() {
        asked += 1
        return { success: asked < 3 }
      },
    }
    const { fetch } = startWorker([], { RATE_LIMIT: 'true', KEY_REQUESTS })
    const headers = {
      ...bearer,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_webhooks"}}'
    const ask = () => fetch(new Request(ADDRESS, { method: 'POST', headers, body }))
    expect(await (await ask()).json()).toMatchObject({
      result: { structuredContent: { webhooks: [] } },
    })
    const refused = await ask()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
  })
})
