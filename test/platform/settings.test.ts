import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { readSettings, readTargetSettings } from '../../src/platform/settings.ts'
import { withOwnHost } from '../../src/platform/target-policy/check-target.ts'
import { FIRST_ATTEMPTS } from '../../src/tuning.ts'

const unset = { DELAY_SCALE: '', WEBHOOKS_PER_TENANT: '', FAN_OUT: '', FIRST_ATTEMPTS: '' }

describe('the settings', () => {
  it.each([
    ['0.001', 0.001],
    ['', 1],
  ])('scale delays by DELAY_SCALE %j: %d', (DELAY_SCALE, expected) => {
    expect(readSettings({ ...unset, DELAY_SCALE }).delayScale).toBe(expected)
  })

  it.each([
    [undefined, [{ shards: 1, since: 0 }]],
    ['', [{ shards: 1, since: 0 }]],
    [
      '1, 4 from 2026-12-01T10:00Z',
      [
        { shards: 1, since: 0 },
        { shards: 4, since: Date.UTC(2026, 11, 1, 10) },
      ],
    ],
  ])('have the shards that EVENT_LOG_SHARDS %j says', (EVENT_LOG_SHARDS, expected) => {
    const given = EVENT_LOG_SHARDS === undefined ? unset : { ...unset, EVENT_LOG_SHARDS }
    expect(readSettings(given).shards).toEqual(expected)
  })

  it.each([['0'], ['two'], ['2 from 2026-12-01T10:00Z']])(
    'refuse EVENT_LOG_SHARDS of %s',
    (EVENT_LOG_SHARDS) => {
      expect(() => readSettings({ ...unset, EVENT_LOG_SHARDS })).toThrow('EVENT_LOG_SHARDS')
    },
  )

  it.each([['0'], ['-1'], ['soon']])('refuse a DELAY_SCALE of %s', (DELAY_SCALE) => {
    expect(() => readSettings({ ...unset, DELAY_SCALE })).toThrow('DELAY_SCALE')
  })

  it.each([
    ['20', 20],
    ['', 1_000],
  ])('let a tenant have as many webhooks as WEBHOOKS_PER_TENANT %j says: %d', (most, expected) => {
    const settings = readSettings({ ...unset, WEBHOOKS_PER_TENANT: most })
    expect(settings.webhooksPerTenant).toBe(expected)
  })

  it.each([
    ['700', 700],
    ['', 5_000],
  ])('let a batch take on as many deliveries as FAN_OUT %j says: %d', (FAN_OUT, expected) => {
    expect(readSettings({ ...unset, FAN_OUT }).fanOut).toBe(expected)
  })

  it.each([
    ['700', 700],
    ['0', 0],
    ['', FIRST_ATTEMPTS.most],
  ])('let a publish attempt as much as FIRST_ATTEMPTS %j says: %d', (most, expected) => {
    expect(readSettings({ ...unset, FIRST_ATTEMPTS: most }).firstAttempts).toBe(expected)
  })

  it.each([['-1'], ['1.5'], ['many']])('refuse FIRST_ATTEMPTS %s', (FIRST_ATTEMPTS) => {
    expect(() => readSettings({ ...unset, FIRST_ATTEMPTS })).toThrow('FIRST_ATTEMPTS')
  })

  it.each([['0'], ['-1'], ['1.5'], ['many']])('refuse WEBHOOKS_PER_TENANT %s', (most) => {
    expect(() => readSettings({ ...unset, WEBHOOKS_PER_TENANT: most })).toThrow(
      'WEBHOOKS_PER_TENANT',
    )
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

describe('the settings about targets', () => {
  const ALLOW_PRIVATE_TARGETS = 'false'

  it('are strict, know no own host and ask no resolver unless told', () => {
    expect(readTargetSettings({ ALLOW_PRIVATE_TARGETS: '' })).toEqual({
      policy: { allowPrivate: false, ownHosts: new Set() },
      resolverUrl: null,
    })
  })

  it('know the hosts that are named and the one that was called, in canonical form', () => {
    const OWN_HOSTS = ' Hooks.Example. , hök.example,'
    const { policy } = readTargetSettings({ ALLOW_PRIVATE_TARGETS, OWN_HOSTS })
    expect([...policy.ownHosts]).toEqual(['hooks.example', 'xn--hk-fka.example'])
    const called = withOwnHost(policy, 'Hookline.test.')
    expect([...called.ownHosts]).toEqual([...policy.ownHosts, 'hookline.test'])
    expect(withOwnHost(policy, null)).toEqual(policy)
  })

  it.each([
    ['OWN_HOSTS', { OWN_HOSTS: 'hooks.example, a b' }],
    ['DNS_CHECK_URL', { DNS_CHECK_URL: 'http://dns.example/' }],
    ['DNS_CHECK_URL', { DNS_CHECK_URL: 'dns' }],
  ])('refuse an %s that cannot be meant', (name, variables) => {
    expect(() => readTargetSettings({ ALLOW_PRIVATE_TARGETS, ...variables })).toThrow(name)
  })
})
