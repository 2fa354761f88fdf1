// `hookline attempts` and `hookline tail`: what became of requests, afterwards and as it happens.

import type { Command } from 'commander'
import { type Api, ApiFailure } from '../api.ts'
import { contextOf, parseCount, parseTime } from '../context.ts'
import { readEvents } from '../event-stream.ts'
import { EXIT, Failure, read } from '../failure.ts'
import { type Column, clockTime, type Output } from '../output.ts'
import { Attempt, WatchedAttempt } from '../shapes.ts'

/** Milliseconds before a lost tail is asked for again. */
const PAUSE_MS = 2_000

interface AttemptOptions {
  readonly event?: string
  readonly outcome?: string
  readonly after?: string
  readonly limit: number
}

const isFine = ({ outcome }: Attempt) => outcome === 'delivered'

export const ATTEMPT_COLUMNS: readonly Column<Attempt>[] = [
  { name: 'AT', of: ({ at }) => at },
  { name: 'EVENT', of: ({ eventId }) => eventId },
  { name: 'TYPE', of: ({ eventType }) => eventType },
  { name: 'NO', of: ({ attempt }) => attempt },
  {
    name: 'STATUS',
    of: ({ statusCode, outcome }) => statusCode ?? outcome,
    style: (attempt) => (isFine(attempt) ? 'green' : 'red'),
  },
  { name: 'MS', of: ({ durationMs }) => Math.round(durationMs) },
  { name: 'WHY', of: ({ diagnosis, error }) => diagnosis?.cause ?? error },
]

export function addAttempts(program: Command): void {
  program
    .command('attempts')
    .description('list the attempts to deliver events to a webhook, newest first')
    .argument('<webhook>')
    .option('--event <id>', 'only those of this event')
    .option('--outcome <outcome>', 'only those that were delivered, or failed')
    .option('--after <time>', 'only those after a time, or in the last 30m, 2h, 1d', parseTime)
    .option('--limit <count>', 'at most so many', parseCount, 20)
    .action(async (webhook: string, options: AttemptOptions, command: Command) => {
      const { api, output } = contextOf(command)
      const { event: eventId, outcome, after, limit } = options
      const path = `/webhooks/${encodeURIComponent(webhook)}/attempts`
      const call = { path, query: { eventId, outcome, after } }
      output.table(await Array.fromAsync(api.list(Attempt, call, limit)), ATTEMPT_COLUMNS)
    })
}

export function addTail(program: Command): void {
  program
    .command('tail')
    .description('show attempts to all webhooks as they happen')
    .option('--seconds <count>', 'end after so long', parseCount)
    .action(async ({ seconds }: { seconds?: number }, command: Command) => {
      const { api, output } = contextOf(command)
      const endsAt = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1_000
      await tail(api, output, endsAt)
    })
}

async function tail(api: Api, output: Output, endsAt: number): Promise<void> {
  let last: string | null = null
  output.note(output.paint('dim', 'Attempts as they happen; Ctrl-C ends it.'))
  while (Date.now() < endsAt) {
    try {
      last = await follow(api, output, { last, endsAt })
    } catch (error) {
      if (!(error instanceof ApiFailure && error.isPassing) || Date.now() >= endsAt) throw error
      output.warn(`${error.message}; asking again.`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** One stream until it ends; returns where the next one goes on. */
async function follow(
  api: Api,
  output: Output,
  { last, endsAt }: { readonly last: string | null; readonly endsAt: number },
): Promise<string | null> {
  const seconds = Math.max(1, Math.min(900, Math.ceil((endsAt - Date.now()) / 1_000)))
  const { body } = await api.send({
    path: '/tail',
    query: { seconds: String(seconds) },
    headers: { accept: 'text/event-stream', ...(last !== null && { 'last-event-id': last }) },
    waitMs: seconds * 1_000,
  })
  let at = last
  if (body === null) return at
  try {
    for await (const { event, data, id } of readEvents(body)) {
      at = id ?? at
      if (event === 'attempt') show(readAttempt(data), output)
      if (event === 'behind') output.warn('Attempts are left out: there are too many.')
      if (event === 'end' && data.includes('credential_ended')) {
        throw new Failure('The token may not go on reading.', EXIT.refused)
      }
    }
  } catch (error) {
    // The connection was lost: it goes on from the last id.
    if (error instanceof Failure) throw error
    output.warn('The connection was lost; asking again.')
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return at
}

function readAttempt(data: string): WatchedAttempt {
  const flaw = (why: string) =>
    new Failure(`The stream is not what it should be: ${why}`, EXIT.failed)
  return read(WatchedAttempt, data, flaw)
}

function show(attempt: WatchedAttempt, output: Output): void {
  const { at, eventType, eventId, webhookId, statusCode, durationMs, diagnosis } = attempt
  output.item(attempt, () => {
    const status = output.paint(isFine(attempt) ? 'green' : 'red', String(statusCode ?? 'failed'))
    const why = diagnosis === null ? '' : `  ${diagnosis.cause}`
    return [
      `${output.paint('dim', clockTime(at))}  ${status}  ${eventType}  ${eventId} → ${webhookId}  ${Math.round(durationMs)} ms${why}`,
    ]
  })
}
