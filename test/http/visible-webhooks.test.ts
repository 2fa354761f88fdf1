// Only the flow from a call to the engine: what is asked of it, and what is hidden of its answer. That stores hold to
// their filters is tested with the stores.

import { describe, expect, it, vi } from 'vitest'
import type { Webhook, WebhookDraft } from '../../src/engine/model/index.ts'
import { EngineError } from '../../src/errors.ts'
import type { SurfaceContext } from '../../src/http/surface.ts'
import { type View, visibleWebhooks } from '../../src/http/visible-webhooks.ts'
import { aWebhook } from '../dialects/models.ts'

const ada = aWebhook({ id: 'w-1', tenantId: 'acme', dialect: 'vendor', owner: 'ada' })
const notFound = new EngineError('not_found', 'No such webhook.')

function open(view: Partial<View> = {}, stored: Webhook = ada) {
  const webhooks = {
    get: vi.fn(async () => stored),
    create: vi.fn(async (_tenantId: string, _draft: WebhookDraft) => stored),
    update: vi.fn(async (_ref: unknown, change: (current: Webhook) => unknown) => change(stored)),
    delete: vi.fn(async () => stored),
    list: vi.fn(async (_filter: unknown, _page: unknown): Promise<Webhook[]> => []),
    count: vi.fn(async (_filter: unknown) => 3),
  }
  const principal = { id: 'key', tenantId: 'acme', subject: 'ada', permissions: [] }
  const engine = { seenBy: (caller: unknown) => (caller === principal ? { webhooks } : {}) }
  const c = { env: { engine }, get: () => principal } as unknown as SurfaceContext
  return { webhooks, visible: visibleWebhooks(c, { dialect: 'vendor', ...view }) }
}

describe('a webhook of the same surface', () => {
  it('is visible to every user of the tenant', async () => {
    expect(await open().visible.get('w-1')).toBe(ada)
  })

  it('is visible to its user where users are apart', async () => {
    expect(await open({ owner: 'ada' }).visible.get('w-1')).toBe(ada)
  })
})

describe.each([
  ['another surface', {}, aWebhook({ dialect: 'native' })],
  ['another user', { owner: 'grace' }, ada],
  ['some user, to a key without one', { owner: null }, ada],
] as const)('a webhook of %s', (_whose, view, stored) => {
  it('is not found, changed or deleted', async () => {
    const { visible, webhooks } = open(view, stored)
    await expect(visible.get('w-1')).rejects.toThrow(notFound)
    await expect(visible.delete('w-1')).rejects.toThrow(notFound)
    const change = vi.fn(() => ({}))
    await expect(visible.update('w-1', change)).rejects.toThrow(notFound)
    expect(change).not.toHaveBeenCalled()
    expect(webhooks.delete).not.toHaveBeenCalled()
  })
})

describe('create', () => {
  it('fills in what a surface does not decide', async () => {
    const { visible, webhooks } = open()
    await visible.create({ url: 'https://a.example/', eventTypes: ['x'], uniqueKey: 's' })
    expect(webhooks.create).toHaveBeenCalledWith('acme', {
      dialect: 'vendor',
      owner: 'ada',
      uniqueKey: 's',
      name: null,
      url: 'https://a.example/',
      eventTypes: ['x'],
      scope: {},
      enabled: true,
      failureHandling: null,
      attributes: {},
      secrets: { signing: [], headers: [], attributes: {} },
    })
  })
})

describe('update', () => {
  it('keeps what the change does not name', async () => {
    const { visible } = open()
    const updated = await visible.update('w-1', ({ url }) => ({ url: `${url}?changed` }))
    expect(updated).toEqual({ ...ada, url: 'https://receiver.example/hook?changed' })
  })
})

describe('lists', () => {
  it('ask for the tenant, the surface and the user', async () => {
    const { visible, webhooks } = open({ owner: 'ada' })
    await visible.list({ name: 'n' }, { limit: 5, offset: 10 })
    const filter = { name: 'n', dialect: 'vendor', owner: 'ada', tenantId: 'acme' }
    expect(webhooks.list).toHaveBeenCalledWith(filter, { limit: 5, offset: 10 })
    await visible.count({ name: 'n' })
    expect(webhooks.count).toHaveBeenCalledWith(filter)
  })

  it('of all go on until nothing follows', async () => {
    const { visible, webhooks } = open()
    const many = Array.from({ length: 250 }, (_, index) => aWebhook({ id: `w-${index}` }))
    webhooks.list.mockResolvedValueOnce(many).mockResolvedValueOnce([ada])
    expect(await visible.all()).toHaveLength(251)
    expect(webhooks.list.mock.calls.map(([, page]) => page)).toEqual([
      { limit: 250, after: undefined },
      { limit: 250, after: 'w-249' },
    ])
  })
})
