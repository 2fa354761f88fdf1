// `hookline check`: what a receiver gets wrong (docs/receiving.md).

import type { Command } from 'commander'
import { type CheckFlags, readCheck } from '../check/command.ts'
import { toJsonLines, toTable } from '../check/print.ts'
import { runChecks } from '../check/run.ts'
import { outputOf } from '../context.ts'
import { EXIT, Failure } from '../failure.ts'

const HELP = `
Sends some sixty requests, valid ones and ones to refuse. The receiver handles the valid ones as events: point it at one that is
for tests. Ends with 1 where something was found.`

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('send a receiver valid requests and forged ones, and say what it gets wrong')
    .argument('<url>', 'of the receiver; its secret is in HOOKLINE_CHECK_SECRET')
    .option('--type <type>', 'an event type that it knows')
    .option('--data <json>', 'data of that type, an object')
    .option('--observe <url>', 'where a GET answers how many events were handled')
    .option('--yes-i-own-it', 'it is not on this machine, and yours to check')
    .addHelpText('after', HELP)
    .action(async (url: string, flags: CheckFlags, command: Command) => {
      const asked = readCheck(url, flags, process.env.HOOKLINE_CHECK_SECRET)
      if (typeof asked === 'string') throw new Failure(asked, EXIT.usage)
      const report = await runChecks(asked)
      const { isForPeople } = outputOf(command)
      console.log(isForPeople ? toTable(report, asked.observe !== null) : toJsonLines(report))
      if (report.findings.length > 0) process.exitCode = EXIT.failed
    })
}
