// The model: what contracts/delivery.md promises about any history, on a page.

import type { Story } from './story.ts'

/** Every promise that a history broke, as sentences. */
export async function checkPromises(story: Story): Promise<string[]> {
  const { world, accepted, webhooks, tenantId } = story
  const broken = [...story.forbidden]
  for (const { id, wanted } of accepted) {
    const logged = await world.ports.eventLog(tenantId).find(id)
    if (logged === null) {
      broken.push(`${id} was accepted and is not in the log`)
      continue
    }
    for (const known of wanted) {
      if (known.interrupted || logged.webhookIds.includes(known.id)) continue
      broken.push(`${id} was not routed to ${known.url}, which wanted it all along`)
    }
    for (const { webhookId, status } of await world.engine.events.deliveries(tenantId, id)) {
      const known = webhooks.find((webhook) => webhook.id === webhookId)
      if (!known) {
        broken.push(`${id} was routed to an unknown webhook`)
        continue
      }
      const requests = world.sent.filter(({ url, eventId }) => url === known.url && eventId === id)
      const received = requests.filter(
        ({ behaviour }) => behaviour === 'ok' || behaviour === 'slow',
      )
      const kept = (await world.ports.monitor(webhookId).findDiverted(id)) !== null
      const say = (what: string) => broken.push(`${id} at ${known.url}: ${what}`)

      // There is no fourth end.
      if (status === 'pending' || status === 'failing') say(`it is still ${status}`)
      if (status === 'delivered' && received.length === 0)
        say('it counts as delivered, never received')
      if (status === 'diverted' && !kept && !known.deleted)
        say('it counts as diverted and is not kept')
      const mayDrop = known.interrupted || !known.policy.divert
      if (status === 'dropped' && !mayDrop) say('it was dropped, and no policy says so')

      if (new Set(requests.map(({ body }) => body)).size > 1)
        say('its body changed between attempts')
      const runs = 1 + (story.extraRuns.get(`${webhookId}/${id}`) ?? 0)
      if (!story.repeatable && received.length > runs)
        say('it was sent again after it was delivered')
    }
  }
  for (const queue of ['events', 'deliveries'] as const) {
    if (world.queues[queue].length > 0) broken.push(`the queue ${queue} is not empty`)
  }
  return broken
}
