// What the configuration of the deployment must not lose.

import { describe, expect, it } from 'vitest'
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
    expect(consumed.length).toBe(4)
    expect(dead.length).toBe(2)
    expect(new Set(produced)).toEqual(new Set([...consumed, ...dead]))
  })

  it('leaves the id of the database to wrangler, and its name to the button', () => {
    expect(configuration).not.toMatch(/^database_id/m)
    expect(configuration).toMatch(/^database_name = "hookline"$/m)
  })

  it('refuses private targets', () => {
    expect(configuration).toMatch(/^ALLOW_PRIVATE_TARGETS = "false"$/m)
  })
})
