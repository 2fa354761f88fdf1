// Senders of webhooks as the driver sees them: how a customer with webhooks is made, how an event is published, and which header of
// a request has its id. The calls of Svix 1.100 and Outpost 1.2 are those of the driver that
// measured them (docs/benchmarks.md, "Beside others").

import { eventsText, eventText } from '../load.ts'
import type { Publisher } from '../publisher.ts'

const TYPE = 'bench.event'

/** Where to publish for a customer, and with which token. */
interface Customer {
  readonly id: string
  readonly path: string
  readonly token: string
}

interface Sender {
  /** The variable of the environment that has its token. */
  readonly tokenIn: string
  /** Makes a customer with a webhook for each of these URLs. */
  readonly createCustomer: (
    publisher: Publisher,
    token: string,
    urls: readonly string[],
  ) => Promise<Customer>
  /** Text of a publish of one event. */
  readonly one: (index: number, customer: Customer) => string
  /** Of several; absent: it takes none. */
  readonly several?: (index: number, count: number) => string
}

/** About the data of an event as all of them get it. */
function dataText(index: number): string {
  return JSON.stringify(JSON.parse(eventText(index)).data)
}

async function make<T>(
  publisher: Publisher,
  [method, path]: readonly [method: string, path: string],
  token: string,
  input: unknown,
): Promise<T> {
  const { text } = await publisher.send(method, path, token, JSON.stringify(input))
  return JSON.parse(text === '' ? '{}' : text)
}

export const SENDERS: Readonly<Record<string, Sender>> = {
  hookline: {
    tokenIn: 'HOOKLINE_TOKEN',
    async createCustomer(publisher, admin, urls) {
      const tenants = ['POST', '/v1/tenants'] as const
      const { id } = await make<{ id: string }>(publisher, tenants, admin, { name: 'Bench' })
      const keys = ['POST', `/v1/tenants/${id}/keys`] as const
      const { token } = await make<{ token: string }>(publisher, keys, admin, {})
      for (const url of urls)
        await make(publisher, ['POST', '/v1/webhooks'], token, { url, eventTypes: [TYPE] })
      return { id, path: '/v1/events', token }
    },
    one: (index) => eventText(index),
    several: (index, count) => eventsText(index, count),
  },
  svix: {
    tokenIn: 'SVIX_TOKEN',
    async createCustomer(publisher, token, urls) {
      const type = JSON.stringify({ name: TYPE, description: 'Bench' })
      // 409: an earlier run made it.
      await publisher.ask('POST', '/api/v1/event-type', token, type)
      const apps = ['POST', '/api/v1/app'] as const
      const { id } = await make<{ id: string }>(publisher, apps, token, { name: 'Bench' })
      const endpoints = ['POST', `/api/v1/app/${id}/endpoint`] as const
      for (const url of urls) await make(publisher, endpoints, token, { url, filterTypes: [TYPE] })
      return { id, path: `/api/v1/app/${id}/msg`, token }
    },
    one: (index) => `{"eventType":"${TYPE}","payload":${dataText(index)}}`,
  },
  outpost: {
    tokenIn: 'OUTPOST_TOKEN',
    async createCustomer(publisher, token, urls) {
      const id = `bench-${crypto.randomUUID()}`
      await make(publisher, ['PUT', `/api/v1/tenants/${id}`], token, {})
      const destinations = ['POST', `/api/v1/tenants/${id}/destinations`] as const
      for (const url of urls) {
        const input = { type: 'webhook', topics: [TYPE], config: { url } }
        await make(publisher, destinations, token, input)
      }
      return { id, path: '/api/v1/publish', token }
    },
    one: (index, { id }) => `{"tenant_id":"${id}","topic":"${TYPE}","data":${dataText(index)}}`,
  },
}
