// What an operation is, on every surface: one value that says who may ask for it, what goes in and what comes out.
// Routes, refused methods, permissions and the API's description are all made from it, so they cannot disagree.

import type { z } from 'zod'
import type { AuditAction } from '../engine/model/index.ts'
import type { EngineErrorCode } from '../errors.ts'
import type { Access } from './admission.ts'
import { authorOf } from './author.ts'
import type { Input } from './input.ts'
import { toJsonText } from './json-source.ts'
import type { SurfaceContext } from './surface.ts'

/** What can be said of an operation without asking for it. */
export interface OperationDescription {
  /** Unique on its surface. */
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below the surface's base path, without a slash at its end. Parameters in braces are among the surface's `params`. */
  readonly path: string
  readonly summary: string
  /** What it is about, where that is not the first part of its path. */
  readonly tag?: string
  /** What its input and output do not show. */
  readonly description?: string
  readonly access: Access
  /** False where the handler itself looks up the tenant that the path names (`actForTenant`), because it may be made. */
  readonly looksUpTenant?: false
  /**
   * What it may leave in the audit, of each method but GET. What it changed is noted where it is changed (`engine/audit/`). A sentence
   * says why it leaves nothing.
   */
  readonly audit?: readonly AuditAction[] | string
  readonly input: Input<unknown>
  readonly status: 200 | 201 | 202 | 204
  /** A status that the same output may come with instead. */
  readonly otherStatus?: 200 | 201 | 503
  /** Absent with 204. */
  readonly output?: z.ZodType
  /** Of an output that is a text and is answered as it is; JSON unless told. */
  readonly mediaType?: string
  /** How it may be refused beyond what its access, path and input imply. */
  readonly errors?: readonly EngineErrorCode[]
}

interface OperationDefinition<Path extends string, T, Output> extends OperationDescription {
  readonly path: Path
  readonly input: Input<T>
  readonly output?: z.ZodType<Output>
  /** Whether an output comes with `otherStatus`. */
  readonly isOther?: (output: Output) => boolean
  readonly handle: (asked: Asked<Path, T>) => Promise<Output | InOtherStatus<Output> | Streamed>
}

/** An output that comes with `otherStatus`, where the output alone does not tell. */
export class InOtherStatus<Output> {
  readonly output: Output

  constructor(output: Output) {
    this.output = output
  }
}

/** An output that comes bit by bit, as Server-Sent Events. */
export class Streamed {
  readonly stream: ReadableStream<Uint8Array>

  constructor(stream: ReadableStream<Uint8Array>) {
    this.stream = stream
  }
}

/** A request whose credential, path and input are good. */
interface Asked<Path extends string, T> {
  readonly c: SurfaceContext
  /** A parameter of the path as its surface reads it: an id is one of the engine's. */
  readonly id: (name: ParamName<Path>) => string
  readonly input: T
}

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never

export interface Operation {
  readonly description: OperationDescription
  /** Reads the input and answers; `ids` has every parameter of the path. */
  readonly answer: (c: SurfaceContext, ids: ReadonlyMap<string, string>) => Promise<Response>
}

/** An operation from its definition. */
export function operation<const Path extends string, T, Output>(
  definition: OperationDefinition<Path, T, Output>,
): Operation {
  const { path, input, status, otherStatus, isOther, handle } = definition
  return {
    description: definition,
    answer: async (c, ids) => {
      const id = (name: string): string => {
        const value = ids.get(name)
        if (value === undefined) throw new Error(`${path} has no parameter ${name}.`)
        return value
      }
      const asked = { c, id, input: await input.read(c.req.raw) }
      // Of what failed half-way, the half that was done.
      const handled = await (definition.method === 'get'
        ? handle(asked)
        : handle(asked).finally(() => c.env.engine.audit.record(authorOf(c))))
      if (handled instanceof Streamed) {
        return c.body(handled.stream, 200, { 'content-type': 'text/event-stream' })
      }
      if (status === 204) return c.body(null, status)
      const output = handled instanceof InOtherStatus ? handled.output : handled
      const isOtherStatus = handled instanceof InOtherStatus || (isOther?.(output) ?? false)
      const shown = isOtherStatus ? (otherStatus ?? status) : status
      const type = definition.mediaType
      return type !== undefined && typeof output === 'string'
        ? c.body(output, shown, { 'content-type': type })
        : c.body(toJsonText(output), shown, { 'content-type': 'application/json' })
    },
  }
}

/** The names in braces. */
export function paramNames(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}
