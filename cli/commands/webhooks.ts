// `hookline webhooks`: what there is, and what one does with it.

import type { Command } from 'commander'
import { contextOf, parseCount, parseList } from '../context.ts'
import { printable } from '../output.ts'
import { Attempt, Webhook } from '../shapes.ts'
import { ATTEMPT_COLUMNS } from './attempts.ts'

interface CreateOptions {
  readonly url: string
  readonly types: readonly string[]
  readonly name?: string
}

export function addWebhooks(program: Command): void {
  const webhooks = program.command('webhooks').description('list, read, make and delete webhooks')
  webhooks
    .command('list', { isDefault: true })
    .description('list webhooks')
    .option('--limit <count>', 'at most so many', parseCount, 1_000)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { api, output } = contextOf(command)
      const items = await Array.fromAsync(api.list(Webhook, { path: '/webhooks' }, limit))
      output.table(items, [
        { name: 'ID', of: ({ id }) => id },
        {
          name: 'STATUS',
          of: ({ status }) => status,
          style: ({ status }) => (status === 'active' ? 'green' : 'yellow'),
        },
        { name: 'TYPES', of: ({ eventTypes }) => eventTypes.join(' ') },
        { name: 'URL', of: ({ url }) => url ?? 'pulled' },
        { name: 'NAME', of: ({ name }) => name },
      ])
    })
  webhooks
    .command('get')
    .description('show a webhook')
    .argument('<webhook>')
    .action(async (id: string, _: object, command: Command) => {
      const { api, output } = contextOf(command)
      const webhook = await api.get(Webhook, { path: pathOf(id) })
      output.item(webhook, () => facts(webhook))
    })
  webhooks
    .command('create')
    .description('make a webhook; its secret is told this once')
    .requiredOption('--url <url>', 'where events are sent')
    .option('--types <types>', 'event types, with commas, such as invoice.*', parseList, ['*'])
    .option('--name <name>', 'a name for people')
    .action(async ({ url, types, name }: CreateOptions, command: Command) => {
      const { api, output } = contextOf(command)
      const body = JSON.stringify({ url, eventTypes: types, name })
      const webhook = await api.get(Webhook, { method: 'POST', path: '/webhooks', body })
      output.item(webhook, () => facts(webhook))
    })
  webhooks
    .command('delete')
    .description('delete a webhook')
    .argument('<webhook>')
    .action(async (id: string, _: object, command: Command) => {
      const { api, output } = contextOf(command)
      await api.run({ method: 'DELETE', path: pathOf(id) })
      output.item({ id, deleted: true }, () => [`${output.paint('green', '✓')} Deleted ${id}.`])
    })
  webhooks
    .command('test')
    .description('send a test event now, and show what came of it')
    .argument('<webhook>')
    .option('--type <type>', 'an event type of the catalogue, whose example is sent')
    .action(async (id: string, { type }: { type?: string }, command: Command) => {
      const { api, output } = contextOf(command)
      const path = `${pathOf(id)}/test`
      const attempt = await api.get(Attempt, {
        ...{ method: 'POST', path, body: JSON.stringify({ type }) },
      })
      output.table([attempt], ATTEMPT_COLUMNS)
      if (attempt.diagnosis) {
        output.note(`\n${printable(attempt.diagnosis.explanation)}`)
        output.note(printable(attempt.diagnosis.remedy))
      }
    })
  webhooks
    .command('resume')
    .description('lift the suspension of a webhook')
    .argument('<webhook>')
    .action(async (id: string, _: object, command: Command) => {
      const { api, output } = contextOf(command)
      await api.run({ method: 'POST', path: `${pathOf(id)}/resume` })
      output.item({ id, resumed: true }, () => [`${output.paint('green', '✓')} Resumed ${id}.`])
    })
}

const pathOf = (id: string) => `/webhooks/${encodeURIComponent(id)}`

/** Fields that say something, one a line. */
export function facts(thing: Readonly<Record<string, unknown>>): readonly string[] {
  const said = Object.entries(thing).filter(([, value]) => value !== null && !isEmpty(value))
  const width = Math.max(...said.map(([name]) => name.length))
  return said.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${name.padEnd(width)}  ${printable(text)}`
  })
}

const isEmpty = (value: unknown) => ['[]', '{}'].includes(JSON.stringify(value))
