// One set of events, a wire format per surface: what was published, and below it the request that a receiver got about it.

import { styleText } from 'node:util'
import type { Channel, Published } from './channel.ts'
import type { Receipt } from './receiver.ts'

/** Columns of the label on the left, and of what stands beside it: with the indentation, 80. */
const LABEL = 12
const TEXT = 66

interface Example {
  readonly channel: Channel
  readonly event: Published
  readonly request: Receipt['request']
}

/** For each surface, the request about the first event of `events` that its first webhook got; throws if it got none. */
export function compareRequests(
  channels: readonly Channel[],
  events: readonly Published[],
): readonly string[] {
  const examples = channels
    .filter(({ surface }, index) => channels.findIndex((c) => c.surface === surface) === index)
    .map((channel) => findExample(channel, events))
  const everywhere = Object.keys(examples[0]?.request.headers ?? {}).filter((name) =>
    examples.every(({ request }) => name in request.headers),
  )
  return [
    ...examples.flatMap((example) => ['', ...describe(example, everywhere)]),
    '',
    ...labelled('all', wrap(everywhere.join(' '))),
  ]
}

function findExample(channel: Channel, events: readonly Published[]): Example {
  for (const event of events) {
    const receipt = channel.receiver.receipts.find(({ eventId }) => eventId === event.id)
    if (receipt !== undefined) return { channel, event, request: receipt.request }
  }
  throw new Error(`${channel.plan.receiver} received none of the events.`)
}

/** Headers that every request has are left out. */
function describe(
  { channel, event, request }: Example,
  everywhere: readonly string[],
): readonly string[] {
  const scope = Object.entries(event.scope).map(([name, value]) => `${name}=${value}`)
  const headers = Object.entries(request.headers).filter(([name]) => !everywhere.includes(name))
  return [
    styleText('bold', channel.surface),
    ...labelled('published', [
      ...wrap(`${event.type} ${scope.join(' ')}`.trimEnd()),
      ...wrap(event.data),
    ]),
    ...labelled(channel.plan.receiver, [
      `${request.method} ${request.path}`,
      ...headers.flatMap(([name, value]) => wrap(`${name}: ${value}`)),
      ...wrap(request.body).map((line) => styleText('cyan', line)),
    ]),
  ]
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => {
    const left = (index === 0 ? label : '').padEnd(LABEL)
    return `${styleText('dim', left)}${line}`
  })
}

/** Lines of at most TEXT characters, broken after a comma or a space of their second half if there is one. */
function wrap(text: string): readonly string[] {
  if (text.length <= TEXT) return [text]
  const last = Math.max(text.lastIndexOf(',', TEXT - 1), text.lastIndexOf(' ', TEXT - 1)) + 1
  const cut = last > TEXT / 2 ? last : TEXT
  return [text.slice(0, cut).trimEnd(), ...wrap(text.slice(cut))]
}
