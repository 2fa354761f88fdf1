// The filter and the body of a webhook on its form, tried before they are saved.

import { beforeAll, describe, expect, it } from 'vitest'
import { openWorld, type World } from '../end-to-end/world.ts'
import { createOperatorKey } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

let world: World
let visitor: Visitor
let webhooks: string

beforeAll(async () => {
  world = await openWorld()
  visitor = new Visitor()
  await visitor.signIn((await createOperatorKey({})).token)
  webhooks = `/console/tenants/${world.tenant.id}/webhooks`
})

const send = async (fields: Record<string, string>) =>
  visitor.send(await visitor.ask(`${webhooks}/new`), webhooks, { eventTypes: 'a', ...fields })

describe('the form of a webhook', () => {
  it('shows what its expressions make of data, and makes no webhook of it', async () => {
    const shown = await send({
      ...{ filter: 'data.total > 1000', body: '{"n": data.total}' },
      ...{ example: '{"total": 9.90}', preview: 'true' },
    })
    expect(shown.status).toBe(200)
    expect(shown.html).toContain('left out')
    expect(shown.html).toContain('{&quot;n&quot;:9.90}')
    expect((await visitor.ask(webhooks)).html).not.toContain('data.total')
  })

  it('takes headers, path, query and secret values, a line for each, and shows what they make', async () => {
    const fields = {
      headerExpressions: 'X-Total: data.total\nX-Key: $secret("key")',
      ...{ pathExpression: '["of", type]', queryExpressions: 'n=data.total' },
      secretValues: 'key=hidden-1234',
    }
    const shown = await send({ ...fields, example: '{"total": 9.90}', preview: 'true' })
    expect(shown.html).toContain('POST https://receiver.example/of/a?n=9.90')
    expect(shown.html).toContain('X-Key: ****')
    const made = await send({ ...fields, url: 'https://example.com/parts', enabled: 'true' })
    expect(made.status).toBe(201)
    const [, path = ''] = new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(made.html) ?? []
    expect((await visitor.ask(path)).html).toContain('Header X-Total')
    const edit = await visitor.ask(`${path}/edit`)
    expect(edit.html).toContain('key=••••')
    expect(edit.html).not.toContain('hidden-1234')
    const wrong = await send({ headerExpressions: 'Host: 1', preview: 'true' })
    expect(wrong.html).toMatch(/id="headerExpressions-wrong">[^<]*reserved/)
  })

  it('says at the field what is wrong, and why one fails', async () => {
    const wrong = await send({ filter: 'data.total >', preview: 'true' })
    expect(wrong.status).toBe(400)
    expect(wrong.html).toMatch(/id="filter-wrong">[^<]*\(character 12, line 1, column 13\)/)
    const noData = await send({ filter: 'true', example: '{', preview: 'true' })
    expect(noData.html).toMatch(/id="example-wrong">/)
    const failing = await send({ body: 'data.none', preview: 'true' })
    expect(failing.html).toContain('It has no value for this event.')
  })

  it('begins with the body of a preset, and keeps what was typed', async () => {
    const shown = await send({ name: 'Chat', filter: 'data.total > 1', preset: 'slack' })
    expect(shown.status).toBe(200)
    expect(shown.html).toContain('{ &quot;text&quot;: type &amp; &quot;: &quot; &amp;')
    expect(shown.html).toContain('value="Chat"')
    expect(shown.html).toContain('data.total &gt; 1')
  })

  it('saves them, shows them, and takes them away again', async () => {
    const url = 'https://example.com/expressions'
    const made = await send({ url, filter: 'data.total > 1000', body: 'type', enabled: 'true' })
    expect(made.status).toBe(201)
    const [, path = ''] = new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(made.html) ?? []
    const page = await visitor.ask(path)
    expect(page.html).toContain('<code>data.total &gt; 1000</code>')
    const edit = await visitor.ask(`${path}/edit`)
    expect(edit.html).toContain('data.total &gt; 1000')
    await visitor.send(edit, `${path}/edit`, { url, eventTypes: 'a', enabled: 'true' })
    expect((await visitor.ask(path)).html).not.toContain('data.total')
  })
})
