// `hookline login`: keeps a token, once it is known to be one.

import type { Command } from 'commander'
import { z } from 'zod'
import { Api } from '../api.ts'
import { globalsOf, outputOf } from '../context.ts'
import { EXIT, Failure } from '../failure.ts'
import { addressOf, profileName, saveProfile } from '../profiles.ts'
import { askSecret } from '../prompt.ts'

const DEFAULT_URL = 'http://localhost:8787'

export function addLogin(program: Command): void {
  program
    .command('login')
    .description('keep a token, read from a prompt or standard input, for later commands')
    .option('--url <url>', 'where Hookline is', process.env.HOOKLINE_URL || DEFAULT_URL)
    .action(async ({ url }: { url: string }, command: Command) => {
      const { profile: named, tenant } = globalsOf(command)
      const name = profileName(named)
      const output = outputOf(command)
      const address = addressOf(url)
      const token = await askSecret(`Token for ${address}: `)
      if (!token) throw new Failure('No token was given.', EXIT.usage)
      const profile = { url: address, token, ...(tenant !== undefined && { tenant }) }
      // Every key reads the catalogue.
      await new Api(profile).get(z.unknown(), { path: '/event-types', query: { limit: '1' } })
      const file = saveProfile(profile, name)
      output.item({ url: address, profile: name, file }, () => [
        `${output.paint('green', '✓')} The token works at ${address}, and is kept in ${file}.`,
      ])
    })
}
