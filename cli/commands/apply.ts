// `hookline apply`: makes a deployment match a file, after showing what that takes (docs/as-code.md).

import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { type Api, ApiFailure } from '../api.ts'
import { type Fields, readDocument, type Wanted } from '../apply/document.ts'
import { type Present, planOf, type Step } from '../apply/plan.ts'
import { contextOf } from '../context.ts'
import { describe, EXIT, Failure } from '../failure.ts'
import { type Output, printable } from '../output.ts'

interface ApplyOptions {
  readonly file: string
  readonly yes?: boolean
  readonly prune?: boolean
  readonly setSecrets?: boolean
  readonly acceptBreaks?: boolean
}

const Item = z.record(z.string(), z.unknown())
/** More than a deployment has. */
const ALL = 1_000_000

export function addApply(program: Command): void {
  program
    .command('apply')
    .description(
      'show what a file of tenants, event types and webhooks changes, and do it once you agree',
    )
    .requiredOption('-f, --file <file>', 'YAML, such as hookline.yaml')
    .option('--yes', 'do it without asking')
    .option('--prune', 'delete event types and webhooks that the file does not name')
    .option('--set-secrets', 'set secrets and headers anew, which nobody can compare')
    .option(
      '--accept-breaks',
      'save event types though that may break who publishes or receives them',
    )
    .action(async (options: ApplyOptions, command: Command) => {
      const { api, output } = contextOf(command)
      const text = await readFile(options.file, 'utf8').catch((error) => {
        throw new Failure(`${options.file} cannot be read: ${describe(error)}`, EXIT.usage)
      })
      const wanted = readDocument(text, options.file, process.env)
      const present = await findPresent(wanted, api)
      const steps = planOf(wanted, present, {
        prunes: options.prune === true,
        setsSecrets: options.setSecrets === true,
      })
      showPlan(steps, output)
      if (steps.length === 0) return
      if (options.yes !== true && !(await agrees(steps.length))) {
        output.warn('Nothing was changed. With --yes it is done.')
        return
      }
      await take(steps, { api, output, acceptsBreaks: options.acceptBreaks === true })
    })
}

/** What the API shows of what a file is about. */
async function findPresent(wanted: Wanted, api: Api): Promise<Present> {
  const all = (path: string, query = {}) => Array.fromAsync(api.list(Item, { path, query }, ALL))
  const { eventTypes, tenants = [], webhooks } = wanted
  if (tenants.length > 0 && api.profile.tenant !== undefined)
    throw new Failure(
      'With tenants in the file the key is asked for none of them: leave out --tenant and HOOKLINE_TENANT, or log in without one.',
      EXIT.usage,
    )
  const found = new Map<string, Awaited<ReturnType<typeof findTenant>>>()
  for (const { uid } of tenants) found.set(uid, await findTenant(uid, api, all))
  return {
    eventTypes: eventTypes ? await all('/event-types', { archived: 'true' }) : [],
    tenants: found,
    webhooks: webhooks ? await all('/webhooks') : [],
  }
}

async function findTenant(uid: string, api: Api, all: (path: string) => Promise<Fields[]>) {
  const path = `/tenants/${encodeURIComponent(uid)}`
  try {
    return { fields: await api.get(Item, { path }), webhooks: await all(`${path}/webhooks`) }
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return null
    throw error
  }
}

const MARKS = { create: ['green', '+'], update: ['yellow', '~'], delete: ['red', '−'] } as const

function showPlan(steps: readonly Step[], output: Output): void {
  for (const { action, kind, name, fields } of steps) {
    const [colour, mark] = MARKS[action]
    const said = action === 'update' ? `: ${fields.join(', ')}` : ''
    output.item({ action, kind, name, fields }, () => [
      `${output.paint(colour, mark)} ${action} ${kind} ${printable(name)}${printable(said)}`,
    ])
  }
  if (steps.length === 0) output.note('Everything is as the file says.')
}

/** Nobody agrees in a pipe. */
async function agrees(steps: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(`Do ${steps === 1 ? 'it' : `these ${steps}`}? [y/N] `)
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}

/** One after the other; what fails ends it, and doing it again goes on from there. */
async function take(
  steps: readonly Step[],
  how: { readonly api: Api; readonly output: Output; readonly acceptsBreaks: boolean },
): Promise<void> {
  const { api, output, acceptsBreaks } = how
  for (const [at, step] of steps.entries()) {
    const { action, kind, name, method, path, body } = step
    const query = kind === 'event type' && acceptsBreaks && body ? { acceptBreaks: 'true' } : {}
    const call = { method, path, query, ...(body && { body: JSON.stringify(body) }) }
    try {
      const answer = action === 'delete' ? await api.run(call) : await api.get(Item, call)
      // It is told this once.
      const secret = action === 'create' && kind === 'webhook' ? answer?.secret : undefined
      const told = typeof secret === 'string' && body?.secret === undefined ? secret : null
      output.item({ done: action, kind, name, ...(told && { secret: told }) }, () => [
        `${output.paint('green', '✓')} ${kind} ${printable(name)}: ${action}d${told ? `, its secret is ${told}` : ''}`,
      ])
    } catch (error) {
      const message = `${kind} ${name}: ${describe(error)}\n${at} of ${steps.length} were done; the rest is left.`
      throw new Failure(message, error instanceof Failure ? error.exitCode : EXIT.failed)
    }
  }
}
