// What its owner wants to happen when a delivery fails.

/** A status code, a class of them, or `timeout`: no response for whatever reason. */
export type TriggerPattern = number | '3xx' | '4xx' | '5xx' | 'timeout'

export type RetryStrategy =
  | { readonly type: 'schedule'; readonly delaysSeconds: readonly number[] }
  | {
      readonly type: 'linear' | 'exponential'
      readonly intervalSeconds: number
      /** Retries after the first attempt, 1–100. */
      readonly attempts: number
    }

/** What happens when a delivery fails (docs/contracts/delivery.md, "Failure handling"). */
export interface FailureHandling {
  readonly triggers: readonly TriggerPattern[]
  readonly retry: RetryStrategy | null
  /** Keep the event when retries are exhausted; false drops it. */
  readonly divert: boolean
  readonly suspend: { readonly afterSeconds: number; readonly afterFailures: number } | null
  readonly alertUrl: string | null
  readonly timeoutMs: number
}
