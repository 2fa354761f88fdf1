// Expressions on an event, as somebody who writes them tries them.

import { z } from 'zod'
import type { Preview } from '../../engine/attempt/preview.ts'
import type { PreviewedConversion } from '../../engine/catalogue/convert.ts'
import { PRESETS } from '../../engine/expressions/presets.ts'
import { optional, ScopeInput, Uuid } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import {
  ConversionText,
  ExpressionText,
  FilterText,
  HeaderExpressions,
  QueryExpressions,
} from './fields.ts'

export const PreviewExpressions = z
  .strictObject({
    filter: optional(FilterText, 'As a webhook would have it.'),
    body: optional(ExpressionText, 'As a webhook would have it.'),
    headerExpressions: optional(HeaderExpressions, 'As a webhook would have them.'),
    pathExpression: optional(ExpressionText, 'As a webhook would have it.'),
    queryExpressions: optional(QueryExpressions, 'As a webhook would have them.'),
    conversion: optional(
      ConversionText,
      'As an event type would have it in `conversions`: it sees the data alone.',
    ),
    eventId: Uuid.optional().meta({ description: 'One of the tenant’s events.' }),
    event: z
      .strictObject({
        type: EventType.meta({ description: 'The type of the event.' }),
        data: optional(z.looseObject({}), 'The payload. Defaults to `{}`.'),
        scope: optional(ScopeInput, 'The scope of the event. Defaults to `{}`.'),
      })
      .optional()
      .meta({ description: 'Instead of an event that there is: what one would have.' }),
    webhookId: Uuid.optional().meta({
      description:
        'The webhook whose id and name the expressions see, in the version of data that it gets, and whose URL is extended.',
    }),
  })
  .refine(({ eventId, event }) => (eventId === undefined) !== (event === undefined), {
    path: ['event'],
    message: 'Expected either event or eventId.',
  })
  .meta({ id: 'PreviewExpressions' })

const error = z
  .string()
  .nullable()
  .meta({ description: 'Why the expression has no value for the event; null if it has one.' })
const steps = z.int().meta({ description: 'Steps that the evaluation took.' })

export const PreviewResponse = z
  .object({
    filter: z
      .object({
        passes: z
          .boolean()
          .nullable()
          .meta({ description: 'Whether the webhook would get the event; null if it failed.' }),
        error,
        steps,
      })
      .nullable()
      .meta({ description: 'Null if there is none.' }),
    body: z
      .object({
        text: z.string().nullable().meta({ description: 'The body; null if it failed.' }),
        contentType: z
          .string()
          .nullable()
          .meta({ description: 'The media type of the body; null if it failed.' }),
        error,
        steps,
      })
      .nullable()
      .meta({ description: 'Null if there is none.' }),
    request: z
      .object({
        url: z.string().nullable().meta({ description: 'The URL; null if it failed.' }),
        headers: z.record(z.string(), z.string()).meta({ description: 'The further headers.' }),
        error,
        steps,
      })
      .nullable()
      .meta({ description: 'Of headers, path and query together; null if there is none.' }),
    conversion: z
      .object({
        text: z.string().nullable().meta({ description: 'The data; null if it failed.' }),
        error,
        steps,
      })
      .nullable()
      .meta({ description: 'Null if there is none.' }),
  })
  .meta({ id: 'ExpressionPreview' })

export const PresetsResponse = z
  .object({
    items: z
      .array(
        z.object({
          id: z.string().meta({ description: 'By which it is chosen.' }),
          name: z.string().meta({ description: 'The receiver, as it calls itself.' }),
          documentation: z
            .string()
            .meta({ description: 'Where the receiver says what it expects.' }),
          body: ExpressionText.meta({ description: 'The expression.' }),
        }),
      )
      .meta({ description: 'A preset for each receiver.' }),
  })
  .meta({ id: 'ExpressionPresets' })

export function presets(): z.infer<typeof PresetsResponse> {
  return { items: PRESETS.map((preset) => ({ ...preset })) }
}

export function toPreviewResponse({
  filter,
  body,
  request,
  conversion,
}: Preview & { readonly conversion: PreviewedConversion | null }): z.infer<typeof PreviewResponse> {
  return {
    filter: filter && { ...filter },
    body: body && { ...body },
    request: request && { ...request, headers: Object.fromEntries(request.headers) },
    conversion: conversion && { ...conversion },
  }
}
