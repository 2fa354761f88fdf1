import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../src/platform/settings.ts'

describe('the settings', () => {
  it.each([
    ['0.001', 0.001],
    ['', 1],
  ])('scale delays by DELAY_SCALE %j: %d', (DELAY_SCALE, expected) => {
    expect(readSettings({ DELAY_SCALE }).delayScale).toBe(expected)
  })

  it.each([['0'], ['-1'], ['soon']])('refuse a DELAY_SCALE of %s', (DELAY_SCALE) => {
    expect(() => readSettings({ DELAY_SCALE })).toThrow('DELAY_SCALE')
  })

  it('have the deployment’s variables, and no secret or other binding', () => {
    const { variables } = readSettings(env)
    expect(variables).toMatchObject({
      DELAY_SCALE: '1',
      EVERYPOINT_BASE_URL: 'https://api.everypoint.io/v3',
    })
    for (const name of ['ADMIN_TOKEN', 'SECRETS_KEY', 'DB', 'EVENTS']) {
      expect(variables).not.toHaveProperty(name)
    }
  })
})
