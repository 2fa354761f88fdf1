// A subject for the usual shape: POST and GET on a collection; GET, PATCH and DELETE on a member, whose id is a UUID
// in `id`. Most vendors have it, so that most subjects say only what is their own. What differs is overridden.

import type { TestTenant } from '../fixtures/hookline.ts'
import type { Expected, Notified, Shown, Subject } from './subject.ts'

export interface RestShape {
  readonly title: string
  readonly dialect: string
  readonly basePath: string
  /** Path of the collection; `basePath` unless given. */
  readonly collection?: string
  /** Request bodies; `create` may itself make what it needs. */
  readonly create: (url: string) => object | Promise<object>
  readonly update: (url: string) => object
  /** A webhook in an answer. */
  readonly shown: (webhook: Shown) => object
  /** The answer to POST, where it is not 201 with the webhook. */
  readonly created?: (webhook: Shown) => Expected
  /** The body of the list, where it is not a bare array. */
  readonly listed?: (webhooks: readonly object[]) => unknown
  /** The answer to DELETE, where it is not 204. */
  readonly deleted?: (webhook: Shown) => Expected
  readonly error: (status: number) => unknown
  readonly urlField: string
  readonly secret: Subject['secret']
  readonly notified: (tenant: TestTenant, created: unknown) => Notified
}

export function restSubject(shape: RestShape): Subject {
  const { title, dialect, basePath, collection = basePath, shown } = shape
  const member = (id: string) => `${collection}/${id}`
  const read = (webhook: Shown) => ({ status: 200, body: shown(webhook) })
  return {
    title,
    dialect,
    basePath,
    calls: {
      create: async (_, url) => ({
        method: 'POST',
        path: collection,
        body: JSON.stringify(await shape.create(url)),
      }),
      read: (_, id) => ({ method: 'GET', path: member(id) }),
      list: () => ({ method: 'GET', path: collection }),
      update: (_, id, url) => ({
        method: 'PATCH',
        path: member(id),
        body: JSON.stringify(shape.update(url)),
      }),
      delete: (_, id) => ({ method: 'DELETE', path: member(id) }),
    },
    answers: {
      created: shape.created ?? ((webhook) => ({ status: 201, body: shown(webhook) })),
      read,
      updated: read,
      listed: (webhooks) => {
        const items = webhooks.map(shown)
        return { status: 200, body: shape.listed ? shape.listed(items) : items }
      },
      deleted: shape.deleted ?? (() => ({ status: 204 })),
    },
    idOf: (created) => (created as { id: string }).id,
    writeId: (uuid) => uuid,
    error: shape.error,
    urlField: shape.urlField,
    allow: { create: 'GET, HEAD, POST', read: 'DELETE, GET, HEAD, PATCH' },
    permissions: {
      create: ['webhooks:write'],
      read: ['webhooks:read'],
      list: ['webhooks:read', 'webhooks:list'],
      update: ['webhooks:write'],
      delete: ['webhooks:write'],
    },
    users: 'shared',
    secret: shape.secret,
    notified: shape.notified,
  }
}
