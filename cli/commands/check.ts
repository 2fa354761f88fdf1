// `hookline check`: what a receiver gets wrong (docs/receiving.md).

import type { Command } from 'commander'
import { checkReceiver } from '../check/command.ts'
import { globalsOf } from '../context.ts'

interface CheckOptions {
  readonly type?: string
  readonly data?: string
  readonly observe?: string
  readonly yesIOwnIt?: boolean
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('send a receiver valid requests and forged ones, and say what it gets wrong')
    .argument('<url>', 'of the receiver; its secret is in HOOKLINE_CHECK_SECRET')
    .option('--type <type>', 'an event type that it knows')
    .option('--data <json>', 'data of that type, an object')
    .option('--observe <url>', 'where a GET answers how many events were handled')
    .option('--yes-i-own-it', 'it is not on this machine, and yours to check')
    .action(async (url: string, options: CheckOptions, command: Command) => {
      const { type, data, observe, yesIOwnIt } = options
      const isJson = globalsOf(command).json === true || !process.stdout.isTTY
      const args = [
        url,
        ...flag('--type', type),
        ...flag('--data', data),
        ...flag('--observe', observe),
        ...(yesIOwnIt ? ['--yes-i-own-it'] : []),
        ...(isJson ? ['--json'] : []),
      ]
      process.exitCode = await checkReceiver(args, process.env.HOOKLINE_CHECK_SECRET)
    })
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}=${value}`]
}
