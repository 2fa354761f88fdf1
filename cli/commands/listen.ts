// `hookline listen`: events of a deployment at a receiver on this machine.

import type { Command } from 'commander'
import { contextOf, parseCount, parseHttpUrl, parseList } from '../context.ts'
import { describe, EXIT, Failure } from '../failure.ts'
import { hearsKeys, listenToKeys, type Typed } from '../listen/keys.ts'
import { listen, openPlace, replayOne } from '../listen/listener.ts'
import { type Forwarded, ListenerState } from '../listen/state.ts'
import { clockTime, type Output, printable } from '../output.ts'

interface ListenOptions {
  readonly forward: URL
  readonly types: readonly string[]
  readonly history?: boolean
  readonly replay?: number
}

const isFine = ({ status }: Forwarded) => status !== null && status >= 200 && status < 300

export function addListen(program: Command): void {
  program
    .command('listen')
    .description('forward events to a receiver on this machine, until Ctrl-C')
    .requiredOption('--forward <url>', 'where they are forwarded', parseHttpUrl)
    .option('--types <types>', 'event types, with commas, such as invoice.*', parseList, ['*'])
    .option('--history', 'list what was forwarded, in earlier runs too, and end')
    .option(
      '--replay <number>',
      'forward one of those again, 1 being the last, and end',
      parseCount,
    )
    .action(async (options: ListenOptions, command: Command) => {
      const { api, output } = contextOf(command)
      const { forward: url, types } = options
      const { url: deployment, tenant = '', token } = api.profile
      // Of a token its id: its secret is rotated.
      const key = token.split('.')[0] ?? ''
      const state = new ListenerState([deployment, tenant, key, url.href, ...types])
      if (options.history) return list(state.history, output)
      const abort = new AbortController()
      const { signal } = abort
      const onForwarded = (forwarded: Forwarded) => show(forwarded, output)
      const onTrouble = (what: string) => output.warn(output.paint('yellow', what))
      const watcher = { onForwarded, onTrouble }
      const listening = { api, state, url, types, signal, watcher }
      const replay = async (back: number) => {
        const forwarded = state.history.at(-back)
        if (forwarded !== undefined && (await replayOne(listening, forwarded))) return
        throw new Failure('There is no such event any more.', EXIT.notFound)
      }
      if (options.replay !== undefined) return replay(options.replay)
      const place = await openPlace(listening)
      const takesKeys = hearsKeys()
      output.item({ webhookId: place.webhookId, types, forward: url.href }, () => [
        `${output.paint('bold', types.join(', '))} of ${deployment} → ${output.paint('bold', url.href)}`,
        ...(takesKeys
          ? [output.paint('dim', 'r replays the last, 3r the third from the end; h lists; q ends.')]
          : []),
      ])
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(name, () => abort.abort())
      }
      const keys: Typed = {
        onReplay: (back) => void replay(back).catch((error) => onTrouble(describe(error))),
        onHistory: () => list(state.history.slice(-20), output),
        onQuit: () => abort.abort(),
      }
      const forgetKeys = takesKeys ? listenToKeys(keys) : () => {}
      try {
        await listen(listening, place)
      } finally {
        forgetKeys()
      }
    })
}

function show(forwarded: Forwarded, output: Output): void {
  const { cursor: _, ...shown } = forwarded
  output.item(shown, () => {
    const { at, type, id, status, ms, error } = forwarded
    const word = output.paint(isFine(forwarded) ? 'green' : 'red', String(status ?? 'failed'))
    const why = error === null ? '' : `  ${printable(error)}`
    return [
      `${output.paint('dim', clockTime(at))}  ${word}  ${printable(type)}  ${id}  ${ms} ms${why}`,
    ]
  })
}

function list(history: readonly Forwarded[], output: Output): void {
  const numbered = history.map((forwarded, at) => {
    const { cursor: _, ...shown } = forwarded
    return { number: history.length - at, ...shown }
  })
  output.table(numbered, [
    { name: 'NO', of: ({ number }) => number },
    { name: 'AT', of: ({ at }) => at },
    { name: 'TYPE', of: ({ type }) => type },
    { name: 'ID', of: ({ id }) => id },
    { name: 'STATUS', of: ({ status }) => status ?? 'failed' },
    { name: 'MS', of: ({ ms }) => ms },
  ])
}
