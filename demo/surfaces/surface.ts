// A surface in the demonstration is data: the webhooks it registers, each with its receiver. A new one is a file beside
// this one and a line in index.ts.

import type { Client } from '../client.ts'
import type { Proof, ReceivedRequest } from '../receiver.ts'

export interface DemoEvent {
  readonly type: string
  /** JSON text of an object. */
  readonly data: string
  readonly scope?: Readonly<Record<string, string>>
}

/** A webhook of the demonstration, before it is registered. */
export interface Plan {
  /** Name of its receiver; says what the receiver is for. */
  readonly receiver: string
  /** What it subscribes to, in a few words. */
  readonly about: string
  /** Whether it must get an event. */
  wants(event: DemoEvent): boolean
  /** Whether a request's body says what was published; without this, whether `data` is in it as it was written. */
  carries?(body: string, event: DemoEvent): boolean
  /** Registers it, as a client of the surface would. */
  register(client: Client, receiverUrl: string, tenantId: string): Promise<Registration>
}

export interface Registration {
  /** As `/v1` shows it. */
  readonly webhookId: string
  /** How its receiver checks a request. */
  prove(request: ReceivedRequest): Proof
}

export interface Surface {
  readonly title: string
  readonly plans: readonly Plan[]
}
