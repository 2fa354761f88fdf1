// The id by which `/v1` knows a webhook that was registered on a surface whose answer has another one, or none.

import type { Client } from '../client.ts'

/** Throws if `/v1` does not show it: what is registered on any surface is visible there. */
export async function findWebhookId(client: Client, receiverUrl: string): Promise<string> {
  const { items } = await client.v1<{ items: { id: string; url: string }[] }>(
    'GET',
    '/webhooks?limit=250',
  )
  const found = items.find(({ url }) => url === receiverUrl)
  if (found === undefined)
    throw new Error(`/v1/webhooks does not list the webhook for ${receiverUrl}`)
  return found.id
}
