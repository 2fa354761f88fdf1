// From what Zod finds wrong to the issues that surfaces show.

import type { ZodError, ZodSafeParseResult, ZodType } from 'zod'
import { EngineError, formatPath, type Issue } from '../errors.ts'
import { REQUEST } from '../limits.ts'

/** What `schema` makes of a caller's input. Throws `invalid` with every issue and its path. */
export function validate<T>(schema: ZodType<T>, value: unknown): T {
  const result = checkInput(schema, value)
  if (result.success) return result.data
  throw invalidInput(toIssues(result.error), { inCallersWords: true })
}

/**
 * What `schema` says of a caller's JSON. Zod (4.6) compares the `length` of whatever stands where a text or a list should, and throws
 * where that cannot be compared, as in `{"length":{"toString":""}}`: such a length is looked at as if it were null.
 */
export function checkInput<T>(schema: ZodType<T>, value: unknown): ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const result = schema.safeParse(withoutOddLengths(value))
    if (result.success) throw error
    return result
  }
}

function withoutOddLengths(value: unknown): unknown {
  const plain = (name: string, member: unknown) =>
    name === 'length' && typeof member === 'object' ? null : member
  return JSON.parse(JSON.stringify(value, plain))
}

/** Every issue with its path; an unknown field is an issue at that field. */
export function toIssues({ issues }: Pick<ZodError, 'issues'>): readonly Issue[] {
  return issues.flatMap((issue): readonly Issue[] => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: 'Unknown field.' }))
    }
    const meant = issue.code === 'invalid_union' ? meantOption(issue.errors) : undefined
    if (meant !== undefined) {
      return toIssues({ issues: meant }).map((each) => ({ ...each, path: [...path, ...each.path] }))
    }
    // What is wrong with a name of a record.
    const [inner] = issue.code === 'invalid_key' ? issue.issues : []
    return [{ path, message: inner?.message ?? issue.message }]
  })
}

type ZodIssues = ZodError['issues']

/**
 * What is wrong with a value as the option of a union that it must be meant for: it is of the right kind, and knows more of its fields
 * than any other option does. Undefined where that is none, or several.
 */
function meantOption(options: readonly ZodIssues[]): ZodIssues | undefined {
  const unknownTo = (issues: ZodIssues) =>
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])).length
  const inside = options.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  const least = Math.min(...inside.map(unknownTo))
  const [meant, ...others] = inside.filter((issues) => unknownTo(issues) === least)
  return others.length === 0 ? meant : undefined
}

/** An `invalid` error whose message lists the first places, with no more issues than are worth reading. */
export function invalidInput(
  issues: readonly Issue[],
  { inCallersWords = false }: { readonly inCallersWords?: boolean } = {},
): EngineError {
  const shown = issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${formatPath(path)}: ${message}`))
  const more = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : ''
  return new EngineError('invalid', `${shown.join('; ')}${more}`, {
    issues: issues.slice(0, REQUEST.shownIssues),
    inCallersWords,
  })
}
