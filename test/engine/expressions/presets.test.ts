// Bodies to begin with: each is an expression that makes what its receiver takes of any event.

import { expect, it } from 'vitest'
import documentation from '../../../docs/expressions.md?raw'
import { shapeEvent } from '../../../src/engine/attempt/shaping.ts'
import { PRESETS } from '../../../src/engine/expressions/presets.ts'
import { StepBudget } from '../../../src/engine/expressions/step-budget.ts'
import { anEvent } from '../../dialects/models.ts'

const event = anEvent({
  type: 'invoice.paid',
  data: `{"total":9.90,"note":"@everyone ${'long '.repeat(1_000)}"}`,
})

/** What a webhook with this body gets of the event. */
async function sent(body: string): Promise<unknown> {
  const shapes = [{ filter: null, body, name: null, since: 0 }]
  const options = { steps: new StepBudget(), isChosen: false }
  const shaped = await shapeEvent(
    event,
    { id: 'a', shapes, secrets: { values: { routing_key: 'KEY' } } },
    options,
  )
  if (shaped.kind !== 'shaped') throw new Error(JSON.stringify(shaped))
  return JSON.parse(shaped.body?.body ?? '')
}

const text = expect.stringMatching(/^invoice\.paid: \{"total":9\.90?,/)

const EXPECTED: Readonly<Record<string, unknown>> = {
  slack: { text },
  discord: { content: text, allowed_mentions: { parse: [] } },
  teams: {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: expect.objectContaining({
          type: 'AdaptiveCard',
          body: [{ type: 'TextBlock', text, wrap: true }],
        }),
      },
    ],
  },
  pagerduty: {
    routing_key: 'KEY',
    event_action: 'trigger',
    dedup_key: event.id,
    payload: {
      summary: 'invoice.paid',
      source: 'hookline',
      severity: 'error',
      timestamp: event.time,
      custom_details: expect.objectContaining({ total: 9.9 }),
    },
  },
}

it.each(PRESETS)('$name gets what it takes', async ({ id, body }) => {
  expect(await sent(body)).toEqual(EXPECTED[id])
})

it('keeps within what a message of Discord may have', async () => {
  const discord = PRESETS.find(({ id }) => id === 'discord')?.body ?? ''
  expect(await sent(discord)).toMatchObject({ content: expect.stringMatching(/^.{2000}$/s) })
})

it.each(PRESETS)('$name stands in the documentation as it is', ({ documentation: url, body }) => {
  expect(documentation).toContain(body)
  expect(documentation).toContain(url)
})
