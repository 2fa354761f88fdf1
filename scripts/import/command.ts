// `npm run import` as a function of its arguments and environment: the run, the report, and the exit code.

import { Api, ApiError } from './api.ts'
import { type Done, move } from './move.ts'
import { isLacking, struck, toJson, toText } from './report.ts'
import { readRequest } from './request.ts'

export const EXIT = { done: 0, failed: 1, lacking: 2 } as const

/** Milliseconds of waiting from which it is told. */
const LONG_MS = 3_000

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly sleep: (ms: number) => Promise<void>
  /** The report. */
  readonly print: (text: string) => void
  /** How far it is, and what is wrong with the call. */
  readonly tell: (line: string) => void
}

/** Runs the command; resolves with its exit code. */
export async function runImport(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { environment, fetch, sleep, print, tell } = surroundings
  const request = readRequest(args, environment)
  if (typeof request === 'string') {
    tell(request)
    return EXIT.failed
  }
  const { server, to, tokens, isApplied, only } = request
  const open = (owner: string, url: string, token: string) => {
    const wait = (ms: number) => {
      if (ms >= LONG_MS) tell(`waiting ${Math.ceil(ms / 1_000)} s for ${owner}`)
      return sleep(ms)
    }
    return new Api({ owner, url, token, fetch, sleep: wait })
  }
  const items: Done[] = []
  let others: readonly string[] = []
  let failure: string | null = null
  try {
    others = await move({
      source: open('Svix', server, tokens.svix),
      target: open('Hookline', to, tokens.hookline),
      ...{ isApplied, only },
      onItem: (item) => items.push(item),
      onProgress: (done, all) => tell(`${done} of ${all} applications`),
    })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    failure = error.message.replace(/\.$/, '')
  }
  const report = struck({ isApplied, items, others, failure }, Object.values(tokens))
  print(request.isJson ? toJson(report) : toText(report))
  if (failure !== null) return EXIT.failed
  return isLacking(report) ? EXIT.lacking : EXIT.done
}
