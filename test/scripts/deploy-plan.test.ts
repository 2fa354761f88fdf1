// What wrangler 4.156.2 prints, shortened.

import { describe, expect, it } from 'vitest'
import {
  describeFirstCall,
  describeStep,
  type Facts,
  planDeployment,
  readDatabase,
  readDatabaseList,
  readDeployed,
  readSecretList,
  readSecrets,
} from '../../scripts/deploy-plan.ts'
import { EXAMPLES, MADE_BY } from '../../src/platform/example-secrets.ts'
import { ED25519_KEY } from '../fixtures/signing-keys.ts'

const ADMIN_TOKEN = '42b30bab0f4375a1bf85df4cdfff92f5'
const SECRETS_KEY = 'dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE='
const SIGNING_KEYS = ED25519_KEY
const both = { ADMIN_TOKEN, SECRETS_KEY, SIGNING_KEYS }
const names = ['ADMIN_TOKEN', 'SECRETS_KEY', 'SIGNING_KEYS']

const migrate = { kind: 'migrate' }
const deploy = (...secrets: readonly string[]) => ({ kind: 'deploy', secrets })
const make = (...secrets: readonly string[]) => ({ kind: 'make', secrets })

const first: Facts = {
  deployed: null,
  hasDatabase: false,
  kept: {},
  given: null,
  keepsFiles: true,
}
const later: Facts = { ...first, deployed: names, hasDatabase: true }

describe('the plan', () => {
  it.each<readonly [string, Facts, readonly object[]]>([
    ['the first time', first, [make(...names), deploy(...names), migrate]],
    ['later', later, [migrate, deploy()]],
    [
      'after it broke off when the secrets were made',
      { ...first, kept: both },
      [deploy(...names), migrate],
    ],
    [
      'after it broke off when the database was made',
      { ...first, kept: both, hasDatabase: true },
      [migrate, deploy(...names)],
    ],
    [
      'after it broke off when the code was deployed',
      { ...first, kept: both, deployed: names, hasDatabase: true },
      [migrate, deploy()],
    ],
    [
      'where the Worker has one secret, and others than are kept here',
      { ...later, deployed: ['ADMIN_TOKEN', 'OTHER'], kept: both },
      [migrate, deploy('SECRETS_KEY', 'SIGNING_KEYS')],
    ],
    [
      'where half of the secrets are kept',
      { ...first, kept: { SECRETS_KEY } },
      [make('ADMIN_TOKEN', 'SIGNING_KEYS'), deploy(...names), migrate],
    ],
    [
      'of a Worker that a former version deployed',
      { ...later, deployed: ['ADMIN_TOKEN', 'SECRETS_KEY'] },
      [make('SIGNING_KEYS'), migrate, deploy('SIGNING_KEYS')],
    ],
    [
      'of such a Worker in a build, which could not keep what it makes',
      { ...later, deployed: ['ADMIN_TOKEN', 'SECRETS_KEY'], keepsFiles: false },
      [migrate, deploy()],
    ],
    [
      'with a --secrets-file that has what is needed',
      { ...first, given: { ADMIN_TOKEN, SECRETS_KEY } },
      [deploy(), migrate],
    ],
    ['where the database is gone', { ...later, hasDatabase: false }, [deploy(), migrate]],
    ['with secrets of --secrets-file', { ...first, given: both }, [deploy(), migrate]],
    [
      'with one secret of --secrets-file, where the Worker has the other',
      { ...later, deployed: ['SECRETS_KEY'], given: { ADMIN_TOKEN } },
      [migrate, deploy()],
    ],
    [
      'in a build of a Worker that was given its secrets',
      { ...later, hasDatabase: false, keepsFiles: false },
      [deploy(), migrate],
    ],
    [
      'while a key is rotated',
      { ...first, kept: { ...both, SECRETS_KEY: `${SECRETS_KEY},${SECRETS_KEY}` } },
      [deploy(...names), migrate],
    ],
  ])('%s', (_, facts, steps) => {
    expect(planDeployment(facts)).toEqual({ kind: 'steps', steps })
  })

  const key = 'Make one with: openssl rand -base64 32'
  const token = 'Make one with: openssl rand -hex 32'
  it.each<readonly [string, Facts, string]>([
    [
      'in a build that would lose what it makes',
      { ...first, keepsFiles: false },
      'The Worker does not have ADMIN_TOKEN and SECRETS_KEY, and what a build makes is lost with it. Deploy the first ' +
        'time from a machine of your own, name a file that has them (--secrets-file), or give them to the Worker under ' +
        'Settings, Variables and Secrets, and build again.',
    ],
    [
      'with a --secrets-file that lacks one',
      { ...first, given: { ADMIN_TOKEN } },
      'The Worker does not have SECRETS_KEY, and neither does the file of --secrets-file.',
    ],
    [
      'with an example token',
      { ...first, kept: { ...both, ADMIN_TOKEN: 'dev-admin-token' } },
      `ADMIN_TOKEN has the value of .dev.vars.example. ${token}`,
    ],
    [
      'with an example key of --secrets-file',
      {
        ...later,
        given: { SECRETS_KEY: 'aG9va2xpbmUtZGV2ZWxvcG1lbnQta2V5LTMyLWJ5dGU=' },
      },
      `SECRETS_KEY has the value of .dev.vars.example. ${key}`,
    ],
    [
      'with a key that is cut off',
      { ...first, kept: { ...both, SECRETS_KEY: SECRETS_KEY.slice(0, 30) } },
      `SECRETS_KEY is not what it must be. ${key}`,
    ],
    [
      'with an example among the signing keys',
      {
        ...first,
        kept: { ...both, SIGNING_KEYS: `${SIGNING_KEYS},${EXAMPLES.SIGNING_KEYS.slice(0, 64)}` },
      },
      `SIGNING_KEYS has the value of .dev.vars.example. Make one with: ${MADE_BY.SIGNING_KEYS}`,
    ],
    [
      'with a signing key that is cut off',
      { ...first, kept: { ...both, SIGNING_KEYS: SIGNING_KEYS.slice(0, 30) } },
      `SIGNING_KEYS is not what it must be. Make one with: ${MADE_BY.SIGNING_KEYS}`,
    ],
    [
      'with an empty token',
      { ...first, kept: { ...both, ADMIN_TOKEN: '' } },
      `ADMIN_TOKEN is not what it must be. ${token}`,
    ],
  ])('is refused %s', (_, facts, reason) => {
    expect(planDeployment(facts)).toEqual({ kind: 'refused', reason })
  })

  it('does not look at kept secrets that are not sent', () => {
    const kept = { ADMIN_TOKEN: 'dev-admin-token', SECRETS_KEY: 'old' }
    expect(planDeployment({ ...later, kept })).toMatchObject({ kind: 'steps' })
  })

  it('is told in words', () => {
    const plan = planDeployment(first)
    expect(plan.kind === 'steps' ? plan.steps.map(describeStep) : plan).toEqual([
      'Make ADMIN_TOKEN, SECRETS_KEY and SIGNING_KEYS, and keep them in .hookline/secrets',
      'Deploy the code, with ADMIN_TOKEN, SECRETS_KEY and SIGNING_KEYS, and make the database and the queues that are missing',
      'Bring the tables of the database up to date',
    ])
  })
})

const NOT_FOUND = `✘ [ERROR] Worker "hookline" not found.

If this is a new Worker, run \`wrangler deploy\` first to create it.`
const LIST = `[
  {
    "name": "SECRETS_KEY",
    "type": "secret_text"
  }
]`
const ended = (status: number | null, stdout: string, stderr = '') => ({ status, stdout, stderr })

describe('the secrets of the Worker', () => {
  it.each([
    ['a list', ended(0, LIST), ['SECRETS_KEY']],
    [
      'a list below a remark',
      ended(0, `Proxy environment variables detected.\n${LIST}`),
      ['SECRETS_KEY'],
    ],
    ['none', ended(0, '[]'), []],
    ['no Worker', ended(1, '', NOT_FOUND), null],
    [
      'no Worker of an environment',
      ended(1, '', NOT_FOUND.replace('"hookline"', '"hookline" (env: test)')),
      null,
    ],
  ])('%s', (_, run, secrets) => {
    expect(readSecretList(run)).toEqual(secrets)
  })

  it.each([
    [
      'no login',
      ended(1, '', "[ERROR] In a non-interactive environment, it's necessary to set"),
      'necessary',
    ],
    ['another account', ended(1, '', '[ERROR] Account "x" not found.'), 'Account "x" not found'],
    ['a signal', ended(null, ''), 'ended with null'],
    ['an object', ended(0, '{"name": ["a"]}'), 'no list'],
    ['entries without names', ended(0, '[{"type": "secret_text"}]'), 'no name'],
  ])('are not known from %s', (_, run, message) => {
    expect(() => readSecretList(run)).toThrow(message)
  })
})

describe('the database', () => {
  const list = ended(0, '[{"uuid": "11-22", "name": "hookline"}, {"uuid": "33", "name": "b"}]')

  it.each([
    ['hookline', null, true],
    ['b', null, true],
    ['other', null, false],
    ['other', '11-22', true],
    ['hookline', '44', false],
  ])('%s with id %s is there: %s', (name, id, isThere) => {
    expect(readDatabaseList(list, { name, id })).toBe(isThere)
  })

  it('is not known where the list cannot be read', () => {
    const run = ended(1, '', 'Authentication error [code: 10000]')
    expect(() => readDatabaseList(run, { name: 'hookline', id: null })).toThrow('code: 10000')
  })

  it('is the one that is bound as DB', () => {
    const other = { binding: 'OTHER', database_name: 'other' }
    const bound = { binding: 'DB', database_name: 'hookline' }
    expect(readDatabase({ d1_databases: [other, bound] })).toEqual({ name: 'hookline', id: null })
    expect(readDatabase({ d1_databases: [{ ...bound, database_id: '44' }] })).toEqual({
      name: 'hookline',
      id: '44',
    })
    expect(() => readDatabase({ d1_databases: [other] })).toThrow('no database for DB')
    expect(() => readDatabase({})).toThrow('no database for DB')
  })
})

describe('a file of secrets', () => {
  it.each([
    [
      'lines',
      `ADMIN_TOKEN=${ADMIN_TOKEN}\nSECRETS_KEY=${SECRETS_KEY}\nSIGNING_KEYS=${SIGNING_KEYS}\n`,
    ],
    [
      'lines of Windows',
      `ADMIN_TOKEN=${ADMIN_TOKEN}\r\nSECRETS_KEY=${SECRETS_KEY}\r\nSIGNING_KEYS=${SIGNING_KEYS}\r\n`,
    ],
    [
      'quotes',
      `# mine\nADMIN_TOKEN="${ADMIN_TOKEN}"\nexport SECRETS_KEY = '${SECRETS_KEY}'\nSIGNING_KEYS='${SIGNING_KEYS}'`,
    ],
    ['JSON', JSON.stringify({ ...both, OTHER: 'x' })],
  ])('is read: %s', (_, text) => {
    expect(readSecrets(text)).toEqual(both)
  })

  it('may have one of them, or none', () => {
    expect(readSecrets(`OTHER=1\nSECRETS_KEY=${SECRETS_KEY}`)).toEqual({ SECRETS_KEY })
    expect(readSecrets('')).toEqual({})
  })
})

describe('what came of it', () => {
  const lines = (...targets: readonly string[]) =>
    [
      { type: 'wrangler-session', version: 1 },
      { type: 'deploy', version: 1, version_id: null },
      { type: 'deploy', version: 1, version_id: '0123-4567', targets },
    ]
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('')

  it.each([
    [
      'https://hookline.acme.workers.dev',
      ['https://hookline.acme.workers.dev', 'schedule: 17 * * * *'],
    ],
    [
      'https://hooks.acme.example',
      ['https://hookline.acme.workers.dev', 'hooks.acme.example (custom domain)'],
    ],
    [
      'https://hooks.acme.example',
      ['hooks.acme.example (custom domain - zone name: acme.example)'],
    ],
    [null, ['acme.example/hooks/*', 'Producer for hookline-events', 'schedule: 17 * * * *']],
  ])('is the address %s', (address, targets) => {
    expect(readDeployed(lines(...targets))).toEqual({ isDeployed: true, address })
  })

  it('is nothing when wrangler was told not to go on', () => {
    const [, aborted = ''] = lines().split('\n')
    expect(readDeployed(aborted)).toEqual({ isDeployed: false, address: null })
    expect(readDeployed('')).toEqual({ isDeployed: false, address: null })
  })

  it('is told with the first call, and without a secret', () => {
    const told = describeFirstCall('https://hookline.acme.workers.dev', true)
    expect(told).toContain('Hookline is deployed at https://hookline.acme.workers.dev\n')
    expect(told).toContain(
      'curl https://hookline.acme.workers.dev/v1/tenants -H "authorization: Bearer ' +
        `$(sed -n 's/^ADMIN_TOKEN=//p' .hookline/secrets)" -d '{"name": "Acme"}'`,
    )
  })

  it('is told where neither address nor token are known here', () => {
    const told = describeFirstCall(null, false)
    expect(told).toContain('Hookline is deployed.\n')
    expect(told).toContain(
      'curl https://<address>/v1/tenants -H "authorization: Bearer <ADMIN_TOKEN>"',
    )
  })
})
