// Attempts of an event at more webhooks than one answer asks.

import { describe, expect, it } from 'vitest'
import { toProblem } from '../../src/api/problem.ts'
import { EngineError } from '../../src/errors.ts'
import { NOBODY } from '../api/asked.ts'
import { withApi } from './api.ts'

const idOf = (n: number) => `019ad1f2-0000-7000-8000-${String(n).padStart(12, '0')}`
const IDS = Array.from({ length: 45 }, (_, n) => idOf(n))

const delivery = (webhookId: string) => ({
  ...{ webhookId, url: 'https://a.example/', status: 'delivered', attempts: 1 },
  ...{ lastAttemptAt: null, statusCode: 200, error: null, nextAttemptAt: null, reason: null },
})

const attempt = (id: string) => ({
  ...{ id, eventId: NOBODY, eventType: 'a', attempt: 1, at: '2026-11-28T00:00:00Z' },
  ...{ outcome: 'delivered', statusCode: 200, durationMs: 1, error: null, responseExcerpt: null },
  ...{ responseHeaders: {}, diagnosis: null, nextAttemptAt: null },
})

/** An event that was sent to all of `IDS`, of which one was deleted since. */
function sentTo(deleted?: string) {
  const gone = () => toProblem(new EngineError('not_found', 'No such webhook.'))
  return withApi(({ url }) => {
    const [, id = ''] = /webhooks\/([^/]+)\/attempts/.exec(url) ?? []
    if (id === '') return Response.json({ deliveries: IDS.toReversed().map(delivery) })
    if (id === deleted) return Response.json(gone(), { status: 404 })
    return Response.json({ items: [attempt(id)], nextCursor: null })
  })
}

interface Result {
  readonly isError?: boolean
  readonly content: readonly [{ readonly text: string }]
  readonly structuredContent: {
    readonly says: string
    readonly attempts: readonly { readonly webhookId: string }[]
    readonly webhooksAsked: number
    readonly nextCursor: string | null
  }
}

async function search({ ask }: ReturnType<typeof sentTo>, cursor?: string): Promise<Result> {
  const answer = await ask('search_attempts', { eventId: NOBODY, limit: 50, cursor })
  return ((await answer.json()) as { result: Result }).result
}

describe('the attempts of an event', () => {
  it('are told of every webhook that it was sent to, page by page', async () => {
    const api = sentTo()
    const told: string[] = []
    let cursor: string | undefined
    const asked: number[] = []
    do {
      const { says, attempts, webhooksAsked, nextCursor } = (await search(api, cursor))
        .structuredContent
      expect(says.endsWith(' There are more: ask again with `cursor`.')).toBe(nextCursor !== null)
      told.push(...attempts.map(({ webhookId }) => webhookId))
      asked.push(webhooksAsked)
      cursor = nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(asked).toEqual([20, 20, 5])
    expect(told.toSorted()).toEqual(IDS)
  })

  it('do not take the cursor of another list', async () => {
    const { isError, content } = await search(sentTo(), `webhooks.${NOBODY}`)
    expect(isError).toBe(true)
    expect(content[0].text).toBe('cursor: Not a cursor of the attempts of an event.')
  })

  it('are told of all others where a webhook was deleted in between', async () => {
    const { structuredContent } = await search(sentTo(idOf(3)))
    expect(structuredContent.webhooksAsked).toBe(19)
    expect(structuredContent.attempts).toHaveLength(19)
  })
})
