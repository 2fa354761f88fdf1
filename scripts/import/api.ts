// Calls of a Svix API, whoever serves it. What may go well a moment later is asked again; what was answered is read as its shape says,
// and what is wrong with it is named with the place.

import type { z } from 'zod'
import { isRecord } from '../../src/primitives/is-record.ts'
import { toIssues } from '../../src/primitives/validate.ts'
import { pageOf } from './shapes.ts'

/** Items of a page, as many as Svix gives at most. */
const PAGE_ITEMS = 250
/** Pages of one list, that is half a million items: a server that goes on after them may never end. */
const PAGES = 2_000
/** Times a call is made before it counts as failed. */
const TRIES = 6
/** Milliseconds before the second try, doubled for each further one, and at most. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** Seconds of `Retry-After` that are waited for; a server that wants more is given up. */
const PATIENCE_SECONDS = 300
/** Milliseconds in which a call must be answered. */
const TIMEOUT_MS = 30_000

export interface ApiOptions {
  /** Whose it is, as messages call it. */
  readonly owner: string
  /** Without `/api/v1`. */
  readonly url: string
  readonly token: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly sleep: (ms: number) => Promise<void>
}

export interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  /** Below `/api/v1`. */
  readonly path: string
  readonly body: unknown
}

/** A call that failed; `status` is null where there was no answer, or none that its shape allows. */
export class ApiError extends Error {
  readonly status: number | null

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

export class Api {
  private readonly options: ApiOptions

  constructor(options: ApiOptions) {
    this.options = options
  }

  /** What a path answers. Throws `ApiError`. */
  async get<T extends z.ZodType>(shape: T, path: string): Promise<z.output<T>> {
    return this.read(shape, 'GET', path, await this.call('GET', path))
  }

  /** Every item of a list, page by page, and of at most `PAGES`. Throws `ApiError`. */
  async list<T extends z.ZodType>(
    shape: T,
    path: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<readonly z.output<T>[]> {
    const items: z.output<T>[] = []
    const seen = new Set<string>()
    let from: string | null = null
    for (;;) {
      const search = new URLSearchParams({ ...query, limit: String(PAGE_ITEMS) })
      if (from !== null) search.set('iterator', from)
      const page: z.output<ReturnType<typeof pageOf<T>>> = await this.get(
        pageOf(shape),
        `${path}?${search}`,
      )
      items.push(...page.data)
      if (page.done) return items
      const next = page.iterator ?? ''
      if (next === '' || seen.has(next)) {
        throw this.fault('GET', path, `page ${seen.size + 1} says that more follows, and not where`)
      }
      seen.add(next)
      if (seen.size === PAGES) {
        throw this.fault('GET', path, `more follows after ${PAGES} pages of ${PAGE_ITEMS}`)
      }
      from = next
    }
  }

  /** Changes something, and reads what it is now; a call that is made again is known by its key. Throws `ApiError`. */
  async write<T extends z.ZodType>(shape: T, { method, path, body }: Write): Promise<z.output<T>> {
    return this.read(shape, method, path, await this.call(method, path, body))
  }

  private read<T extends z.ZodType>(
    shape: T,
    method: string,
    path: string,
    text: string,
  ): z.output<T> {
    const parsed = parseJson(text)
    if (parsed === undefined) throw this.fault(method, path, 'it is no JSON')
    const result = shape.safeParse(parsed)
    if (result.success) return result.data
    const [issue] = toIssues(result.error)
    const where = issue?.path.join('.') || 'the whole'
    throw this.fault(method, path, `${where}: ${issue?.message}`)
  }

  private fault(method: string, path: string, flaw: string): ApiError {
    const { owner } = this.options
    const call = `${method} ${withoutQuery(path)}`
    return new ApiError(`${owner}'s answer to ${call} is not what its API says: ${flaw}`, null)
  }

  private async call(method: string, path: string, body?: unknown): Promise<string> {
    const { owner, sleep } = this.options
    const key = crypto.randomUUID()
    for (let tries = 1; ; tries += 1) {
      const answer = await this.attempt(method, path, key, body)
      if (answer.kind === 'answered') return answer.text
      const call = `${owner}: ${method} ${withoutQuery(path)}`
      const waitMs = answer.retryAfterMs ?? backoffMs(tries)
      if (!answer.isWorthAnother || tries === TRIES || waitMs > PATIENCE_SECONDS * 1_000) {
        throw new ApiError(`${call} ${answer.flaw}`, answer.status, { cause: answer.cause })
      }
      await sleep(waitMs)
    }
  }

  private async attempt(
    method: string,
    path: string,
    key: string,
    body: unknown,
  ): Promise<Attempted> {
    const { url, token, fetch } = this.options
    const init: RequestInit = {
      method,
      headers: {
        ...{ authorization: `Bearer ${token}`, accept: 'application/json' },
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(method === 'POST' && { 'idempotency-key': key }),
      },
      // The token goes to nobody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    let response: Response
    let text: string
    try {
      response = await fetch(`${url}/api/v1${path}`, init)
      text = await response.text()
    } catch (cause) {
      const flaw = `was not answered (${reasonOf(cause)})`
      return { ...NO_ANSWER, flaw, cause }
    }
    const { status } = response
    if (response.ok) return { kind: 'answered', text: text === '' ? 'null' : text }
    const isWorthAnother = status === 429 || (status >= 500 && status !== 501)
    const flaw = `was answered with ${status}${detailOf(response, text)}`
    return { kind: 'failed', status, isWorthAnother, flaw, retryAfterMs: retryAfterMs(response) }
  }
}

type Attempted =
  | { readonly kind: 'answered'; readonly text: string }
  | {
      readonly kind: 'failed'
      readonly status: number | null
      readonly isWorthAnother: boolean
      /** As the end of a sentence about the call. */
      readonly flaw: string
      readonly retryAfterMs: number | null
      readonly cause?: unknown
    }

const NO_ANSWER = {
  kind: 'failed',
  status: null,
  isWorthAnother: true,
  retryAfterMs: null,
} as const

/** What `fetch` says is little; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  // Of several addresses that were tried there is a code alone.
  return cause.message || ('code' in cause ? String(cause.code) : error.message)
}

function backoffMs(tries: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS)
}

/** RFC 9110, section 10.2.3: seconds, or a date; null for neither. */
function retryAfterMs({ headers }: Response): number | null {
  const text = headers.get('retry-after')
  if (text === null) return null
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

/** Svix's `{ code, detail }`, or its list of what is wrong with the fields; where to look instead, for a redirect. */
function detailOf({ status, headers }: Response, text: string): string {
  if (status >= 300 && status < 400) return `: its API is at ${headers.get('location')}`
  const body = parseJson(text)
  if (!isRecord(body)) return ''
  const { detail } = body
  if (typeof detail === 'string') return `: ${detail}`
  if (!Array.isArray(detail)) return ''
  const flaws = detail.flatMap((one: unknown) => {
    if (!isRecord(one)) return []
    const place = Array.isArray(one.loc) ? one.loc.slice(1).join('.') : ''
    return [place === '' ? String(one.msg) : `${place}: ${one.msg}`]
  })
  return flaws.length === 0 ? '' : `: ${flaws.join('; ')}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Iterators of lists are long, and say nothing. */
const withoutQuery = (path: string) => path.replace(/\?.*/, '')
