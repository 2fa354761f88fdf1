// Expressions on an event, tried before a webhook has them, and those that some receivers need.

import { previewExpressions } from '../engine/attempt/preview.ts'
import { previewConversion } from '../engine/catalogue/convert.ts'
import { asSentTo, type Event, isExpunged } from '../engine/model/index.ts'
import { EngineError } from '../errors.ts'
import { checkPermissions } from '../http/auth.ts'
import { nothing } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { seen } from '../http/seen.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { newId } from '../primitives/ids.ts'
import { formatTime } from '../primitives/time.ts'
import { type AskedPreview, previewInput } from './preview-input.ts'
import {
  PresetsResponse,
  PreviewResponse,
  presets,
  toPreviewResponse,
} from './schema/expression.ts'

export const expressionOperations = [
  operation({
    id: 'previewExpressions',
    method: 'post',
    path: '/expressions/preview',
    summary: 'Preview expressions',
    description:
      'Returns what the expressions of a webhook, or a conversion of an event type, make of an event. What `$secret` answers is hidden. Nothing is sent or kept. With `eventId` it takes the permission `events:read` as well.',
    access: ['webhooks:read'],
    audit: 'A preview changes nothing.',
    input: previewInput,
    status: 200,
    output: PreviewResponse,
    errors: ['not_found', 'conflict'],
    handle: async ({ c, input }) => {
      const { webhookId, filter = null, body = null, conversion = null } = input
      const { headerExpressions = {}, pathExpression = null, queryExpressions = {} } = input
      const { tenantId } = c.get('principal')
      const event = await eventOf(c, input)
      const webhook =
        webhookId === undefined
          ? { id: newId(Date.now()), name: null, pins: [], url: 'https://receiver.example/' }
          : await seen(c).webhooks.get({ tenantId, id: webhookId })
      const sent = asSentTo(event, webhook)
      if (sent === null) {
        throw new EngineError('conflict', 'The event has no data of the version of the webhook.')
      }
      const expressions = {
        ...{ filter, body, headers: headerExpressions },
        ...{ path: pathExpression, query: queryExpressions, format: null },
      }
      return toPreviewResponse({
        ...(await previewExpressions(sent, webhook, expressions)),
        conversion: conversion === null ? null : await previewConversion(conversion, sent.data),
      })
    },
  }),
  operation({
    id: 'listExpressionPresets',
    method: 'get',
    path: '/expressions/presets',
    summary: 'List presets of a body',
    description:
      'Returns a `body` for each of some receivers that expect one of their own form, to begin with.',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: PresetsResponse,
    handle: async () => presets(),
  }),
]

async function eventOf(c: SurfaceContext, { eventId, event, data }: AskedPreview): Promise<Event> {
  if (eventId !== undefined) {
    checkPermissions(c, ['events:read'])
    const found = await seen(c).events.get(c.get('principal').tenantId, eventId)
    if (!isExpunged(found)) return found
    throw new EngineError('conflict', 'The content of the event was expunged.')
  }
  const now = Date.now()
  const about = { id: newId(now), time: formatTime(now), data, actor: null, requestId: null }
  return { ...about, type: event?.type ?? '', scope: event?.scope ?? {} }
}
