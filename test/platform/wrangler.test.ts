// What the configuration of the deployment must not lose.

import { describe, expect, it } from 'vitest'
import example from '../../.dev.vars.example?raw'
import { cloudflare, scripts } from '../../package.json'
import { MADE_BY } from '../../src/platform/example-secrets.ts'
import configuration from '../../wrangler.toml?raw'

describe('wrangler.toml', () => {
  it('sends requests to the account’s own zones through the front door, like any others', () => {
    const flags = /^compatibility_flags = \[(?<flags>[^\]]*)\]/m.exec(configuration)?.groups?.flags
    expect(flags?.match(/^ *"[^"]+"/gm)?.map((flag) => flag.trim())).toContain(
      '"global_fetch_strictly_public"',
    )
  })

  it('binds a producer to every queue, or wrangler would not make it', () => {
    const named = (pattern: RegExp) => [...configuration.matchAll(pattern)].map(([, name]) => name)
    const consumed = named(/\[\[queues\.consumers\]\]\nqueue = "(.*)"/g)
    const dead = named(/^dead_letter_queue = "(.*)"$/gm)
    const produced = named(/\[\[queues\.producers\]\]\nqueue = "(.*)"/g)
    expect(consumed.length).toBe(7)
    expect(dead.length).toBe(4)
    expect(new Set(produced)).toEqual(new Set([...consumed, ...dead]))
  })

  it('hands over what crashed one message at a time, and keeps for days what reaches no handler', () => {
    const dead = configuration.split('[[queues.consumers]]').filter((text) => /-dead"\n/.test(text))
    const own = dead.filter(
      (text) => text.startsWith('\nqueue = "hookline-') && !/_letter_/.test(text),
    )
    expect(own.length).toBe(3)
    for (const text of own) {
      expect(text).toMatch(/^max_batch_size = 1$/m)
      const [retries = 0, delay = 0] = [/^max_retries = (\d+)$/m, /^retry_delay = (\d+)$/m].map(
        (pattern) => Number(pattern.exec(text)?.[1]),
      )
      // The longest default retention of a queue is four days.
      expect(retries * delay).toBeGreaterThan(4 * 24 * 3_600 - 1)
    }
  })

  it('leaves the id of the database to wrangler, and its name to the button', () => {
    expect(configuration).not.toMatch(/^database_id/m)
    expect(configuration).toMatch(/^database_name = "hookline"$/m)
  })

  it('refuses private targets', () => {
    expect(configuration).toMatch(/^ALLOW_PRIVATE_TARGETS = "false"$/m)
  })
})

describe('"Deploy to Cloudflare"', () => {
  it('describes everything that it asks for, and nothing else', () => {
    const variables = configuration.split('[vars]')[1]?.split('\n[[')[0] ?? ''
    const asked = [
      ...example.matchAll(/^(\w+)=/gm),
      ...variables.matchAll(/^(\w+) = /gm),
      ...configuration.matchAll(/^(?:binding|name) = "([A-Z_]+)"$/gm),
    ].map(([, name]) => name)
    expect(asked.length).toBeGreaterThan(15)
    expect(Object.keys(cloudflare.bindings).toSorted()).toEqual(asked.toSorted())
  })

  it('says how to make each secret', () => {
    const { ADMIN_TOKEN, SECRETS_KEY, SIGNING_KEYS } = cloudflare.bindings
    expect(ADMIN_TOKEN.description).toContain('`openssl rand -hex 32`')
    expect(SECRETS_KEY.description).toContain('`openssl rand -base64 32`')
    expect(SIGNING_KEYS.description).toContain(`\`${MADE_BY.SIGNING_KEYS}\``)
  })

  it('runs the script that migrates as well', () => {
    expect(scripts.deploy).toBe('node scripts/deploy.ts')
  })
})
