// The API, asked in-process as whoever calls: pages and tools show and do what that caller could by calling `/v1`, and nothing else, because
// it is what answers.

import { z } from 'zod'
import { ENGINE_ERROR_CODES } from '../errors.ts'
import type { SurfaceBindings, SurfaceContext } from './surface.ts'

/** An app that serves `/v1`. */
export interface Api {
  fetch(
    request: Request,
    env: SurfaceBindings,
    ctx: SurfaceContext['executionCtx'],
  ): Response | Promise<Response>
}

const Problem = z.object({
  status: z.int(),
  title: z.string(),
  detail: z.string(),
  code: z.enum(ENGINE_ERROR_CODES).optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
})
export type Problem = z.infer<typeof Problem>

/** What the API answered in place of what was asked for. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** The same of a page itself, where a field of its form is wrong. */
export function refusalAt(path: string, message: string): Refusal {
  return new Refusal({
    status: 400,
    title: 'Bad Request',
    detail: message,
    errors: [{ path, message }],
  })
}

/** Calls of `/v1`, by paths below it. All throw `Refusal`. */
export interface V1 {
  get<Shape>(path: string, shape: z.ZodType<Shape>): Promise<Shape>
  /** The answer itself, to be passed on. */
  answer(path: string, headers: Readonly<Record<string, string>>): Promise<Response>
  /** The body as it was sent: numbers stand there as they were written. */
  text(path: string): Promise<string>
  send<Shape>(
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    shape: z.ZodType<Shape>,
  ): Promise<Shape>
}

/** What an answer without a body is read as. */
export const noBody = z.null()

interface Asking {
  readonly api: Api
  /** Who is signed in, where that is how the caller was proved. */
  readonly env: SurfaceBindings
  readonly ctx: SurfaceContext['executionCtx']
  /** Headers of every call: a credential, where that is to be proved. */
  readonly credential?: Readonly<Record<string, string>>
  /** What all paths are below, such as a tenant; nothing unless told. */
  readonly base?: string
}

/** `/v1` as one caller has it. */
export function v1As({ api, env, ctx, credential = {}, base = '' }: Asking): V1 {
  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const init =
      body === undefined
        ? { method, headers: { ...credential, ...headers } }
        : {
            method,
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { ...credential, 'content-type': 'application/json' },
          }
    const request = new Request(addressOf(base + path), init)
    return orRefusal(await api.fetch(request, env, ctx))
  }
  const read = async (response: Response): Promise<unknown> =>
    response.status === 204 ? null : response.json()
  return {
    get: async (path, shape) => shape.parse(await read(await ask('GET', path))),
    answer: (path, headers) => ask('GET', path, undefined, headers),
    text: async (path) => (await ask('GET', path)).text(),
    send: async (method, path, body, shape) =>
      shape.parse(await read(await ask(method, path, body))),
  }
}

/** Null for what is not there. */
export async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 404) return null
    throw error
  }
}

/** What everybody may read, as text. Throws `Refusal`. */
export async function readPublic(api: Api, c: SurfaceContext, path: string): Promise<string> {
  const response = await api.fetch(new Request(addressOf(path)), c.env, c.executionCtx)
  return (await orRefusal(response)).text()
}

/** No host is asked: the answer is made here. */
function addressOf(path: string): string {
  return `https://in-process.invalid/v1${path}`
}

async function orRefusal(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new Refusal(Problem.parse(await response.json()))
}
