// What the conformance suite needs to know of a surface: how its calls look and what they answer, as data.

import type { Call, TestEvent, TestTenant } from '../fixtures/hookline.ts'

/** A webhook as the surface shows it. */
export interface Shown {
  readonly id: string
  readonly url: string
}

export interface Expected {
  readonly status: number
  /** Compared with `toEqual`; undefined for an answer without a body. */
  readonly body?: unknown
}

export interface Calls {
  /** Makes a webhook; called several times, each makes another one. May itself make what the call needs. */
  readonly create: (tenant: TestTenant, url: string) => Call | Promise<Call>
  readonly read: (tenant: TestTenant, id: string) => Call
  /** Changes the URL. */
  readonly update: (tenant: TestTenant, id: string, url: string) => Call
  /** Absent when the vendor has none: name the deviation. */
  readonly list?: (tenant: TestTenant) => Call
  readonly delete?: (tenant: TestTenant, id: string) => Call
}

export interface Answers {
  readonly created: (webhook: Shown) => Expected
  readonly read: (webhook: Shown) => Expected
  readonly updated: (webhook: Shown) => Expected
  readonly listed?: (webhooks: readonly Shown[]) => Expected
  readonly deleted?: (webhook: Shown) => Expected
}

export interface Notified {
  /** An event that the created webhook gets. */
  readonly event: TestEvent
  /** The dialect's own headers, lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the header of docs/contracts/delivery.md, "Signatures", is there. */
  readonly signed: boolean
  /** The exact body. */
  readonly body: (eventId: string) => string | RegExp
}

export interface Subject {
  readonly title: string
  /** Of the webhooks made here, as `/v1` shows it. */
  readonly dialect: string
  readonly basePath: string
  readonly calls: Calls
  readonly answers: Answers
  /** The id in the answer of `create`. */
  readonly idOf: (created: unknown) => string
  /** An id as this surface writes it. */
  readonly writeId: (uuid: string) => string
  /** Body of an error, by HTTP status. */
  readonly error: (status: number) => unknown
  /** The field of a request that holds the URL, as errors name it. */
  readonly urlField: string
  /** The `Allow` of a wrong method on the path of these calls. */
  readonly allow: { readonly create: string; readonly read: string }
  /** What each call needs. */
  readonly permissions: Readonly<Partial<Record<keyof Calls, readonly string[]>>>
  /** Whether the surface shows webhooks of users, and those of none, to more than who made them. */
  readonly users: 'shared' | 'separate'
  /** A text in the request of `create` that only these calls may answer; null when there is none. */
  readonly secret: { readonly text: string; readonly shownBy: readonly (keyof Calls)[] } | null
  readonly notified: (tenant: TestTenant, created: unknown) => Notified
}

/** The id of nothing. */
export const UNKNOWN_ID = '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'
