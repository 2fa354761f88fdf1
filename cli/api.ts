// Calls of Hookline's own API.

import { z } from 'zod'
import { EXIT, exitCodeOf, Failure, read } from './failure.ts'
import type { Profile } from './profiles.ts'

/** Milliseconds in which a call must be answered, what it waits for aside. */
const TIMEOUT_MS = 30_000
/** Items of a page, as many as there may be. */
const PAGE_ITEMS = 100

const Problem = z.looseObject({
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

export interface Call {
  readonly method?: string
  /** Below `/v1`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  /** As JSON text, so that numbers stay as they were written. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds for which the call itself waits. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/** A call that Hookline refused; `status` null: there was no answer. */
export class ApiFailure extends Failure {
  readonly status: number | null

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, status === null ? EXIT.unavailable : exitCodeOf(status), options)
    this.status = status
  }

  /** Whether the same call may go well a moment later. */
  get isPassing(): boolean {
    return this.exitCode === EXIT.unavailable
  }
}

export class Api {
  readonly profile: Profile

  /** Throws `Failure`, without the token, for one that no request could have. */
  constructor(profile: Profile) {
    if (!/^[!-~]+$/.test(profile.token.trim())) {
      const message =
        'The token has a character that no token has, such as a space or a line break.'
      throw new Failure(message, EXIT.usage)
    }
    this.profile = profile
  }

  /** What a path of the tenant answers. Throws `Failure`. */
  async get<T extends z.ZodType>(shape: T, call: Call): Promise<z.output<T>> {
    const response = await this.send(call)
    const text = await this.textOf(response, call)
    return read(shape, text, (why) => {
      const message = `The answer to ${nameOf(call)} is not what its API says: ${why}`
      return new Failure(message, EXIT.failed)
    })
  }

  /** For a call without an answer. */
  async run(call: Call): Promise<void> {
    await (await this.send(call)).arrayBuffer()
  }

  /** The items of a list, page by page, until there are `most` of them. */
  async *list<T extends z.ZodType>(
    item: T,
    { query, ...call }: Call,
    most: number,
  ): AsyncGenerator<z.output<T>> {
    const page = z.looseObject({ items: z.array(item), nextCursor: z.string().nullable() })
    let cursor: string | undefined
    let left = most
    while (left > 0) {
      const limit = String(Math.min(left, PAGE_ITEMS))
      const { items, nextCursor } = await this.get(page, {
        ...call,
        query: { ...query, limit, cursor },
      })
      yield* items.slice(0, left)
      left -= items.length
      if (nextCursor === null) return
      cursor = nextCursor
    }
  }

  /** The answer of a call that was not refused, its body unread. */
  async send(call: Call): Promise<Response> {
    const { method = 'GET', body, headers = {}, waitMs = 0, signal } = call
    const timeout = AbortSignal.timeout(TIMEOUT_MS + waitMs)
    let response: Response
    try {
      response = await fetch(this.addressOf(call), {
        method,
        // The token goes to nobody else.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        headers: {
          authorization: `Bearer ${this.profile.token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      })
    } catch (cause) {
      throw new ApiFailure(`${this.profile.url} does not answer`, null, { cause })
    }
    if (response.ok) return response
    const text = await this.textOf(response, call)
    throw new ApiFailure(`${nameOf(call)}: ${refusalOf(response.status, text)}`, response.status)
  }

  private async textOf(response: Response, call: Call): Promise<string> {
    try {
      return await response.text()
    } catch (cause) {
      throw new ApiFailure(`The answer to ${nameOf(call)} broke off`, null, { cause })
    }
  }

  private addressOf({ path, query = {} }: Call): URL {
    const { url, tenant } = this.profile
    // The catalogue is the deployment's: every key reads it there.
    const isOfTenant = tenant !== undefined && !path.startsWith('/event-types')
    const below = isOfTenant ? `/tenants/${encodeURIComponent(tenant)}` : ''
    const address = new URL(`${url}/v1${below}${path}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, value)
    }
    return address
  }
}

const nameOf = ({ method = 'GET', path }: Call) => `${method} /v1${path}`

/** What a refusal says, with the places of an input that it names. */
function refusalOf(status: number, text: string): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // Not Hookline: whatever stands in front of it.
    return `${status}, and not as Hookline says it`
  }
  const { data } = Problem.safeParse(parsed)
  if (data === undefined) return `${status}, and not as Hookline says it`
  const places = data.errors?.map(({ path, message }) => `\n  ${path || 'input'}: ${message}`)
  return `${data.detail} (${status})${places?.join('') ?? ''}`
}
