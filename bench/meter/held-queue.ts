// A queue that keeps what is sent until it is taken.

export interface Waiting {
  readonly id: string
  readonly timestamp: Date
  readonly body: unknown
  readonly attempts: number
}

/** What nobody reads. */
const RESPONSE = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }

export class HeldQueue {
  private readonly waiting: Waiting[] = []

  /** What a producer sends to. */
  get binding(): Queue {
    const held: Pick<Queue, 'send' | 'sendBatch'> = {
      send: async (body: unknown) => this.keep(body),
      sendBatch: async (messages) => {
        for (const { body } of messages) this.keep(body)
        return RESPONSE
      },
    }
    return held as Queue
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0
  }

  /** The oldest messages, at most so many. */
  take(count: number): readonly Waiting[] {
    return this.waiting.splice(0, count)
  }

  /** Keeps messages that are to come again. */
  giveBack(messages: readonly Waiting[]): void {
    for (const message of messages) {
      this.waiting.push({ ...message, attempts: message.attempts + 1 })
    }
  }

  private keep(body: unknown) {
    this.waiting.push({ id: crypto.randomUUID(), timestamp: new Date(), body, attempts: 1 })
    return RESPONSE
  }
}

/** Where the monitors, and the event logs, of this isolate send to, while someone measures, in place of the queues of their bindings. */
export const monitorsQueue: { held: HeldQueue | null } = { held: null }
export const logsQueue: typeof monitorsQueue = { held: null }

/** The binding, until `to` says otherwise. */
export function sentByObjects(queue: Queue, to: typeof monitorsQueue): Queue {
  const current = () => to.held?.binding ?? queue
  return {
    metrics: () => queue.metrics(),
    send: (body, options) => current().send(body, options),
    sendBatch: (messages, options) => current().sendBatch(messages, options),
  }
}
