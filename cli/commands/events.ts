// `hookline events`, `hookline resend`, `hookline replay`: what was published, and sending it once more.

import type { Command } from 'commander'
import { z } from 'zod'
import { contextOf, parseCount, parseList, parseTime } from '../context.ts'
import { LoggedEvent } from '../shapes.ts'
import { facts } from './webhooks.ts'

interface EventListOptions {
  readonly type?: string
  readonly after?: string
  readonly before?: string
  readonly limit: number
}

interface ReplayOptions {
  readonly since: string
  readonly until?: string
  readonly types?: readonly string[]
  readonly onlyMissing?: boolean
}

export function addEvents(program: Command): void {
  const events = program.command('events').description('list and read events')
  events
    .command('list', { isDefault: true })
    .description('list events, newest first')
    .option('--type <type>', 'only those of this type')
    .option('--after <time>', 'only those after a time, or of the last 30m, 2h, 1d', parseTime)
    .option('--before <time>', 'only those before a time', parseTime)
    .option('--limit <count>', 'at most so many', parseCount, 20)
    .action(async ({ limit, ...query }: EventListOptions, command: Command) => {
      const { api, output } = contextOf(command)
      const { type, after, before } = query
      const call = { path: '/events', query: { type, after, before } }
      const items = await Array.fromAsync(api.list(LoggedEvent, call, limit))
      output.table(items, [
        { name: 'TIME', of: ({ time }) => time },
        { name: 'ID', of: ({ id }) => id },
        { name: 'TYPE', of: ({ type: name }) => name },
        { name: 'STATE', of: ({ state }) => state },
      ])
    })
  events
    .command('get')
    .description('show an event and its deliveries')
    .argument('<event>')
    .action(async (id: string, _: object, command: Command) => {
      const { api, output } = contextOf(command)
      const event = await api.get(LoggedEvent, { path: `/events/${encodeURIComponent(id)}` })
      output.item(event, () => facts(event))
    })
}

export function addResend(program: Command): void {
  program
    .command('resend')
    .description('send an event again, to one webhook or to all that match it now')
    .argument('<event>')
    .option('--webhook <id>', 'only to this one')
    .action(async (id: string, { webhook: webhookId }: { webhook?: string }, command: Command) => {
      const { api, output } = contextOf(command)
      const { queued } = await api.get(z.looseObject({ queued: z.number() }), {
        method: 'POST',
        path: `/events/${encodeURIComponent(id)}/resend`,
        body: JSON.stringify({ webhookId }),
      })
      output.item({ eventId: id, queued }, () => [
        `${output.paint('green', '✓')} ${id} is sent again to ${queued} ${queued === 1 ? 'webhook' : 'webhooks'}.`,
      ])
    })
}

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('send a webhook again what was published in a span of time')
    .argument('<webhook>')
    .requiredOption('--since <time>', 'from a time on, or of the last 30m, 2h, 1d', parseTime)
    .option('--until <time>', 'until a time', parseTime)
    .option('--types <types>', 'only these event types, with commas', parseList)
    .option('--only-missing', 'only what was not delivered to it')
    .action(async (id: string, options: ReplayOptions, command: Command) => {
      const { api, output } = contextOf(command)
      const { since, until, types: eventTypes, onlyMissing } = options
      const job = await api.get(z.looseObject({ jobId: z.string() }), {
        method: 'POST',
        path: `/webhooks/${encodeURIComponent(id)}/replay`,
        body: JSON.stringify({ since, until, eventTypes, onlyMissing }),
      })
      output.item(job, () => [
        `${output.paint('green', '✓')} The job ${job.jobId} replays to ${id}.`,
      ])
    })
}
