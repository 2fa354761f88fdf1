// Many updates of one webhook at the same time: each is made of what the others left.

import { describe, expect, it } from 'vitest'
import { openClient, type WebhookBody } from './client.ts'

type Client = Awaited<ReturnType<typeof openClient>>
type Update = Client['update']

/** Does as a refusal says that has `Retry-After`: where many wait for long, a change may be refused that took too long. */
function patiently({ request }: Client): Update {
  return async ({ locator }, body) => {
    for (;;) {
      const answer = await request('PATCH', `/webhooks/${locator}`, body)
      if (answer.status === 503 && answer.headers.has('retry-after')) continue
      expect(answer, answer.text).toMatchObject({ status: 200 })
      return answer.body as WebhookBody
    }
  }
}

/** `count` is a multiple of four. They take their turns; the machine may be busy. */
export function updatesAtOnce(count: number): void {
  describe(`${count} updates at once`, { timeout: 180_000 }, () => {
    const all = Array.from({ length: count }, (_, n) => n)
    const quarter = count / 4

    it('lose none of the event types that they add', async () => {
      const client = await openClient()
      const { create, read } = client
      const update = patiently(client)
      const webhook = await create()
      await Promise.all(all.map((n) => update(webhook, { addEventTypes: [`type.${n}`] })))
      const { eventTypes } = await read(webhook)
      expect(eventTypes.toSorted()).toEqual(
        ['policy.issue', ...all.map((n) => `type.${n}`)].toSorted(),
      )
    })

    it('lose no header, no trigger, no event type and no removal', async () => {
      const client = await openClient()
      const { create, read } = client
      const update = patiently(client)
      const eventTypes = ['kept', ...all.map((n) => `old.${n}`)]
      const headers = { 'X-Many': all.slice(0, quarter).map((n) => `old.${n}`) }
      const webhook = await create({ eventTypes }, { headers })
      await Promise.all(
        all.map((n) => {
          if (n % 4 === 0) return update(webhook, { addEventTypes: [`new.${n}`] })
          if (n % 4 === 1) return update(webhook, { removeEventTypes: [`old.${n}`] })
          if (n % 4 === 2) {
            return update(webhook, { failureHandling: { addTriggers: [`${400 + n}`] } })
          }
          return update(webhook, { endpoint: { addHeaders: { 'X-Many': [`new.${n}`] } } })
        }),
      )
      const after = await read(webhook)
      expect(after.eventTypes.toSorted()).toEqual(
        [
          'kept',
          ...all.filter((n) => n % 4 !== 1).map((n) => `old.${n}`),
          ...all.filter((n) => n % 4 === 0).map((n) => `new.${n}`),
        ].toSorted(),
      )
      expect(after.endpoint.headers['X-Many']?.toSorted()).toEqual(
        [
          ...all.slice(0, quarter).map((n) => `old.${n}`),
          ...all.filter((n) => n % 4 === 3).map((n) => `new.${n}`),
        ].toSorted(),
      )
      expect(after.failureHandling.triggers).toHaveLength(quarter + 3)
    })
  })
}
