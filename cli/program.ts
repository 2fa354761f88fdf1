// The commands, and what they have in common.

import { Command } from 'commander'
import { VERSION } from '../src/version.ts'
import { addApply } from './commands/apply.ts'
import { addAttempts, addTail } from './commands/attempts.ts'
import { addCheck } from './commands/check.ts'
import { addCompletion } from './commands/completion.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEvents, addReplay, addResend } from './commands/events.ts'
import { addExplain } from './commands/explain.ts'
import { addListen } from './commands/listen.ts'
import { addLogin } from './commands/login.ts'
import { addPublish, addTrigger } from './commands/publish.ts'
import { addWebhooks } from './commands/webhooks.ts'

const HELP = `
A token comes from HOOKLINE_TOKEN (with HOOKLINE_URL), or from \`hookline login\`. On a terminal there are tables, in a pipe lines of
JSON. Exit codes: 0 done, 1 refused, 2 wrong call or no token, 3 not found, 4 not allowed, 5 no answer, try again.`

export function createProgram(): Command {
  const program = new Command('hookline')
    .description('Hookline from a terminal')
    .version(VERSION)
    .option('--profile <name>', 'of several logins the one to use')
    .option('--tenant <tenant>', 'with an operator key: for which tenant, by its id or uid')
    .option('--json', 'lines of JSON on a terminal too')
    .option('--no-json', 'tables and words in a pipe too')
    .showHelpAfterError('(hookline --help says what there is.)')
    .addHelpText('after', HELP)
    .exitOverride()
  for (const add of [
    addLogin,
    addPublish,
    addTrigger,
    addWebhooks,
    addEvents,
    addAttempts,
    addTail,
    addReplay,
    addResend,
    addListen,
    addExplain,
    addDoctor,
    addCheck,
    addApply,
    addCompletion,
  ]) {
    add(program)
  }
  return program
}
