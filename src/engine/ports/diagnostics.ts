// Whether the components can be reached, and what waits in the queues.

/** What waits in a queue, as far as the platform tells; it may be approximate. */
export interface Backlog {
  readonly messages: number
  readonly bytes: number
  /** When the oldest waiting message was written, Unix milliseconds; null when none waits. */
  readonly oldestAt: number | null
}

export const COMPONENTS = [
  'database',
  'secrets',
  'acceptedQueue',
  'eventsQueue',
  'deliveriesQueue',
  'slowQueue',
  'deadAcceptedQueue',
  'deadEventsQueue',
  'deadDeliveriesQueue',
  'webhookMonitors',
  'eventLogs',
  'deploymentJobs',
  'signingKeys',
] as const

/** What a look at a component found. */
export interface ComponentState {
  readonly component: (typeof COMPONENTS)[number]
  readonly reachable: boolean
  /** What is wrong with it, as a sentence without secrets; null when nothing is. */
  readonly reason: string | null
  /** Until it answered, or until it was given up. */
  readonly latencyMs: number
  /** Null for what is no queue, and where the platform does not tell. */
  readonly backlog: Backlog | null
}

export interface Diagnostics {
  /** Looks at every component once, cheaply and at the same time. Resolves within 2 s and never rejects. */
  look(): Promise<readonly ComponentState[]>
  /** The same of the queues alone, which costs no call of another component. */
  lookAtQueues(): Promise<readonly ComponentState[]>
}
