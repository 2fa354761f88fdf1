// What is measured: Hookline, the floor Worker or the bare one, with one receiver that wants every event.

import { eventsText, eventText, inParallel, type Publish } from './load.ts'
import type { Receiver, Receivers } from './receivers.ts'
import type { Service, Tenant } from './services.ts'

export interface Subject {
  readonly service: Service
  readonly receiver: Receiver
  /** One event with about so many bytes of data. */
  readonly publish: (dataBytes?: number) => Publish
  /** So many events in one request; not the floor Worker. */
  readonly publishPack: (count: number) => Publish
}

/** Paths of receivers are used once. */
let paths = 0

export function newPath(kind = 'healthy'): string {
  paths += 1
  return `/${kind}/${paths}`
}

/** As long as one of Hookline's; nobody looks whose it is. */
const TOKEN = `${'0'.repeat(36)}.${'0'.repeat(43)}`

/** The floor and the bare Worker send everything to the path they were started with. */
export function floorSubject(service: Service, receivers: Receivers, path: string): Subject {
  const publishPack = () => () => Promise.reject(new Error('The floor Worker knows no packs.'))
  return { ...bareSubject(service, receivers, path), publishPack }
}

export function bareSubject(service: Service, receivers: Receivers, path: string): Subject {
  const send = (body: string) => service.publisher.send('POST', '/', TOKEN, body)
  return {
    service,
    receiver: receivers.at(path),
    publish: (dataBytes) => (index) => send(eventText(index, dataBytes)),
    publishPack: (count) => (index) => send(eventsText(index, count)),
  }
}

/** A tenant of its own with `fanOut` webhooks at one receiver; `kind` says how that behaves. */
export async function hooklineSubject(
  service: Service,
  receivers: Receivers,
  { fanOut = 1, kind = 'healthy' }: { readonly fanOut?: number; readonly kind?: string } = {},
): Promise<Subject & { readonly tenant: Tenant; readonly receivers: readonly Receiver[] }> {
  const tenant = await service.createTenant()
  const at = Array.from({ length: fanOut }, () => newPath(kind))
  const unmade = [...at]
  await inParallel(fanOut, () => tenant.createWebhook(`${receivers.url}${unmade.pop()}`))
  const all = at.map((path) => receivers.at(path))
  const [receiver] = all
  if (receiver === undefined) throw new Error('A subject has a webhook at least.')
  return {
    service,
    tenant,
    receiver,
    receivers: all,
    publish: (dataBytes) => (index) => tenant.publish(eventText(index, dataBytes)),
    publishPack: (count) => (index) => tenant.publish(eventsText(index, count)),
  }
}
