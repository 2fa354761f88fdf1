// `hookline publish` and `hookline trigger`: events of one's own, and those that the catalogue has for an example.

import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { type Command, InvalidArgumentError } from 'commander'
import type { Api } from '../api.ts'
import { contextOf, parseList } from '../context.ts'
import { describe, EXIT, Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { Accepted, EventTypeShape } from '../shapes.ts'

interface EventOptions {
  readonly id?: string
  readonly scope?: Readonly<Record<string, string>>
  readonly channels?: readonly string[]
}

interface PublishOptions extends EventOptions {
  readonly data?: string
}

export function addPublish(program: Command): void {
  withEventOptions(program.command('publish').argument('<type>', 'such as invoice.paid'))
    .description('publish an event')
    .option('-d, --data <json>', 'its data: JSON, @file, or - for standard input', '{}')
    .action(async (type: string, options: PublishOptions, command: Command) => {
      const { api, output } = contextOf(command)
      await publish(type, await readData(options.data ?? '{}'), options, { api, output })
    })
}

export function addTrigger(program: Command): void {
  withEventOptions(program.command('trigger').argument('<type>', 'a type of the catalogue'))
    .description('publish the example that the catalogue has of an event type')
    .option('--example <number>', 'which of its examples, from 1', parseExample, 1)
    .action(async (type: string, options: EventOptions & { example: number }, command: Command) => {
      const { api, output } = contextOf(command)
      const { examples } = await api.get(EventTypeShape, {
        path: `/event-types/${encodeURIComponent(type)}`,
      })
      const example = examples[options.example - 1]
      if (example === undefined) {
        const message =
          examples.length === 0
            ? `The catalogue has no example of ${type}. Save one, or use \`hookline publish ${type} --data …\`.`
            : `The catalogue has ${examples.length} of ${type}.`
        throw new Failure(message, EXIT.notFound)
      }
      await publish(type, JSON.stringify(example), options, { api, output })
    })
}

function withEventOptions(command: Command): Command {
  return command
    .option('--id <key>', 'publish only once under this deduplication key')
    .option('--scope <name=value>', 'what the event belongs to; can be repeated', addScope)
    .option('--channels <names>', 'its channels, with commas', parseList)
}

function addScope(text: string, before: Readonly<Record<string, string>> = {}) {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected name=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

function parseExample(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1.')
}

/** The text as it was written: numbers keep their digits. */
async function readData(given: string): Promise<string> {
  const data = given === '-' ? await text(process.stdin) : readFileOr(given)
  try {
    JSON.parse(data)
  } catch (error) {
    throw new Failure(`--data is no JSON: ${describe(error)}`, EXIT.usage)
  }
  return data
}

function readFileOr(given: string): string {
  if (!given.startsWith('@')) return given
  try {
    return readFileSync(given.slice(1), 'utf8')
  } catch (cause) {
    throw new Failure(`${given.slice(1)} cannot be read`, EXIT.usage, { cause })
  }
}

async function publish(
  type: string,
  data: string,
  { id, scope, channels }: EventOptions,
  { api, output }: { readonly api: Api; readonly output: Output },
): Promise<void> {
  const envelope = JSON.stringify({ type, id, scope, channels })
  const body = `${envelope.slice(0, -1)},"data":${data}}`
  const { events } = await api.get(Accepted, { method: 'POST', path: '/events', body })
  for (const event of events) {
    output.item(event, () => [
      event.duplicate
        ? `${output.paint('yellow', '=')} ${event.type} ${event.id} had been published before`
        : `${output.paint('green', '✓')} ${event.type} ${event.id}`,
    ])
  }
}
