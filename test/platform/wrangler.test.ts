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

  it('refuses private targets', () => {
    expect(configuration).toMatch(/^ALLOW_PRIVATE_TARGETS = "false"$/m)
  })
})
