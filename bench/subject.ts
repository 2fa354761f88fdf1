// What is measured: Hookline or one of the Workers beside it, with webhooks that all want every event.

import { eventsText, eventText, inParallel, type Publish } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { Service, Tenant } from './services.ts'

export interface Subject {
  readonly service: Service
  /** Where every event goes. */
  readonly paths: readonly string[]
  /** One event with about so many bytes of data. */
  readonly publish: (dataBytes?: number) => Publish
  /** So many events in one request; not the floor Worker, nor the direct one. */
  readonly publishPack: (count: number) => Publish
}

/** As long as one of Hookline's; nobody looks whose it is. */
const TOKEN = `${'0'.repeat(36)}.${'0'.repeat(43)}`

/** A Worker that sends everything to the paths it was started with. */
export function workerSubject(service: Service, paths: readonly string[]): Subject {
  const send = (body: string) => service.publisher.send('POST', '/v1/events', TOKEN, body)
  return {
    service,
    paths,
    publish: (dataBytes) => (index) => send(eventText(index, dataBytes)),
    publishPack: (count) => (index) => send(eventsText(index, count)),
  }
}

/** A tenant of its own with `fanOut` webhooks; `kind` says how their receivers behave. */
export async function hooklineSubject(
  service: Service,
  receivers: Receivers,
  {
    fanOut = 1,
    kind = 'healthy',
    fields = {},
  }: {
    readonly fanOut?: number
    readonly kind?: string
    /** Of the webhooks, beside their URL and types. */
    readonly fields?: Readonly<Record<string, unknown>>
  } = {},
): Promise<Subject & { readonly tenant: Tenant }> {
  const tenant = await service.createTenant()
  const paths = receivers.newPaths(fanOut, kind)
  const unmade = [...paths]
  await inParallel(fanOut, () => tenant.createWebhook(receivers.urlOf(unmade.pop() ?? ''), fields))
  return {
    service,
    tenant,
    paths,
    publish: (dataBytes) => (index) => tenant.publish(eventText(index, dataBytes)),
    publishPack: (count) => (index) => tenant.publish(eventsText(index, count)),
  }
}
