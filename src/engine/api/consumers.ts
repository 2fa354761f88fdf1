// What the consumers of the queues are given, and what they answer.

/** A queue message as it came in. */
export interface InboundMessage {
  readonly id: string
  /** Unix milliseconds at which it was written. */
  readonly timestamp: number
  /** 1 on the first delivery of the message. */
  readonly attempts: number
  readonly body: unknown
}

/** What is to happen to a queue message; only the consumer at the edge does it. */
export type Verdict =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly delaySeconds: number }

export interface Consumers {
  /** The events consumer: events out to the webhooks that match. */
  events(messages: readonly InboundMessage[]): Promise<readonly Verdict[]>
  /** The deliveries consumer: one delivery per message; and that of the queue of webhooks in the slow lane. */
  deliveries(messages: readonly InboundMessage[]): Promise<readonly Verdict[]>
  slowDeliveries(messages: readonly InboundMessage[]): Promise<readonly Verdict[]>
  /** Messages that crashed their consumer. */
  deadEvents(messages: readonly InboundMessage[]): Promise<readonly Verdict[]>
  deadDeliveries(messages: readonly InboundMessage[]): Promise<readonly Verdict[]>
  /** Prunes what D1 keeps for a while only. */
  sweep(): Promise<void>
}
