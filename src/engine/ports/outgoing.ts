// Requests that leave, and where they may go.

import type { Header, Outcome } from '../model/index.ts'

export interface OutgoingRequest {
  readonly url: string
  readonly headers: readonly Header[]
  readonly body: string
  readonly timeoutMs: number
  /** `POST` unless told; an `OPTIONS` has no body. */
  readonly method?: 'POST' | 'OPTIONS'
  /** Texts beside the headers' values that nothing that is kept of a response may show. */
  readonly secretValues?: readonly string[]
  /** Names, in lower case, of headers that tell of the event and of nothing that only the receiver should know. */
  readonly openHeaders?: readonly string[]
  /** It tells of several events: what a 207 says of each is wanted. */
  readonly wantsAnswer?: true
  /** Also the response of a receiver that takes it is wanted; else only of one that refuses. */
  readonly wantsResponse?: true
}

/** Makes one request. Never rejects: whatever happens is an outcome. Refuses targets the address policy forbids. */
export type Send = (request: OutgoingRequest) => Promise<Outcome>

/** Requests that wait for their answers. */
export interface RequestsUnderWay {
  /** One begins, at Unix milliseconds. The answer is to be called at its end: whether its receiver answered. */
  begin(webhookId: string, at: number): (isAnswered: boolean) => void
  /** Whether its receiver leaves so many unanswered for so long (`HOLD`) that it gets no further first attempts. */
  isSilent(webhookId: string, now: number): boolean
}

/** Why a URL may not be a target, as a sentence naming the rule; null when it may. */
export type CheckTarget = (url: string) => string | null

/**
 * Why what the host of a URL resolves to may not be a target, as a sentence naming the rule; null when it may. The URL
 * is one that `CheckTarget` lets through. Throws `unavailable` when that cannot be found out.
 */
export type CheckAddresses = (url: string) => Promise<string | null>
