// Issues of an `invalid` error in a caller's words: the names of its own fields, and the `{ field: [messages] }` that
// several vendors answer.

import { type EngineError, formatPath, type Issue } from '../errors.ts'
import { invalidInput } from '../primitives/validate.ts'

/** Where fields of the engine's model, as dotted paths, stand in a vendor's request body. */
export type FieldNames = Readonly<Record<string, Issue['path']>>

/**
 * The same refusal with the model's names replaced by the vendor's; other errors come back as they are. A field that a
 * request should not have may be called like one of the model's: what its schema refuses stands where it stood.
 */
export function withFieldNames(error: EngineError, names: FieldNames): EngineError {
  if (error.code !== 'invalid' || error.issues.length === 0 || error.inCallersWords) return error
  return invalidInput(
    error.issues.map(({ path, message }) => ({ path: toVendorPath(path, names), message })),
  )
}

/** The longest part of the path that has a name of the vendor's decides. */
function toVendorPath(path: Issue['path'], names: FieldNames): Issue['path'] {
  for (let length = path.length; length > 0; length -= 1) {
    const field = path.slice(0, length).join('.')
    const name = Object.hasOwn(names, field) ? names[field] : undefined
    if (name !== undefined) return [...name, ...path.slice(length)]
  }
  return path
}

/** Messages by top-level field; what is wrong deeper inside names its place. Issues about the whole are left out. */
export function messagesByField(
  issues: readonly Issue[],
): Readonly<Record<string, readonly string[]>> {
  const messages = new Map<string, string[]>()
  for (const { path, message } of issues) {
    const [field, ...rest] = path
    if (field === undefined) continue
    const text = rest.length === 0 ? message : `${formatPath(rest)}: ${message}`
    messages.set(String(field), [...(messages.get(String(field)) ?? []), text])
  }
  return Object.fromEntries(messages)
}
