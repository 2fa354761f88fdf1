// The official SDK in both of its versions, asking the Worker.

import { exports } from 'cloudflare:workers'
import * as second from 'svix'
import * as first from 'svix-v1'
import { createOperatorKey } from '../../fixtures/hookline.ts'

const OPTIONS = {
  serverUrl: 'https://hookline.test/',
  fetch: (input: RequestInfo | URL, init?: RequestInit) =>
    exports.default.fetch(new Request(input, init)),
  numRetries: 0,
}

/** A client of version 2. */
export async function openClient(token?: string): Promise<second.Svix> {
  return new second.Svix(token ?? (await createOperatorKey()).token, OPTIONS)
}

/** A client of version 1, whose paths begin with two slashes here. */
export async function openFirstClient(token?: string): Promise<first.Svix> {
  return new first.Svix(token ?? (await createOperatorKey()).token, OPTIONS)
}
