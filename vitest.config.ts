// The suite runs in workerd against local D1, Queues and Durable Objects.

import { availableParallelism } from 'node:os'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'

// Fuzzing, faults and histories at length (`npm run test:deep`) are no part of what is run at each turn (`npm test`).
const DEEP = 'test/**/*.deep.test.ts'
// In a real browser (vitest.browser.config.ts).
const BROWSER = 'test/browser/**'
// The CLI as a process of its own, beside a runtime of its own: in Node.
const CLI = 'test/cli/*.test.ts'
// What runs in Node, as its users run it: no part of the Worker.
const NODE = ['test/receiver-check/*.test.ts', 'test/packed-clients/*.test.ts']
// A deployment with two of what there may be several of.
const SCALE = 'test/scale/*.test.ts'

/** A second queue of each kind that Hookline sends into, beside those of wrangler.toml. */
const SECOND_QUEUES = {
  queueProducers: {
    ACCEPTED_2: { queueName: 'hookline-accepted-2' },
    DELIVERIES_2: { queueName: 'hookline-deliveries-2' },
  },
  queueConsumers: {
    'hookline-accepted-2': { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 100 },
    'hookline-deliveries-2': { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 100 },
  },
}

/** Ed25519, as test/fixtures/signing-keys.ts has it; none for UCP. */
const SIGNING_KEYS = 'MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF'

interface Runtime {
  readonly main?: string
  readonly variables?: Readonly<Record<string, string>>
  readonly queues?: Partial<typeof SECOND_QUEUES>
}

export default defineConfig(async () => {
  const migrations = await readD1Migrations('./migrations')
  const runtime = ({ variables = {}, queues = {}, ...options }: Runtime = {}) =>
    cloudflareTest({
      ...options,
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        ...queues,
        email: { send_email: [{ name: 'NOTICES' }] },
        bindings: {
          ...variables,
          ADMIN_TOKEN: 'test-admin-token',
          SECRETS_KEY: 'dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE=',
          SIGNING_KEYS,
          ALLOW_PRIVATE_TARGETS: 'true',
          MIGRATIONS: migrations,
          // Repeats a fuzz run; empty: another seed each time, and as many requests as each test says.
          FUZZ_SEED: process.env.FUZZ_SEED ?? '',
          FUZZ_RUNS: process.env.FUZZ_RUNS ?? '',
        },
      },
    })
  const shared = {
    setupFiles: ['./test/setup.ts'],
    globalSetup: [
      './test/fixtures/redirector.ts',
      './test/fixtures/broken-receivers.ts',
      './test/fixtures/example-receivers.ts',
      './test/receivers/serve.ts',
    ],
    // Real queues and objects on a busy machine take their time.
    testTimeout: 30_000,
  }
  return {
    // As the package `hookline`, which clients/ is packed into, names its files.
    resolve: {
      alias: [{ find: /^hookline\/(\w+)$/, replacement: `${import.meta.dirname}/clients/$1.ts` }],
    },
    test: {
      // Projects share what Vite has transformed.
      fsModuleCache: true,
      // A worker here waits for its workerd, or with that for a queue, half of the time.
      maxWorkers: Math.ceil(availableParallelism() * 1.5),
      reporters: ['default', './scripts/counts-reporter.ts'],
      projects: [
        {
          plugins: [runtime()],
          test: {
            ...shared,
            name: 'quick',
            include: ['test/**/*.test.ts'],
            exclude: [DEEP, SCALE, BROWSER, CLI, ...NODE],
            isolate: false,
          },
        },
        {
          plugins: [
            runtime({
              variables: { EVENT_LOG_SHARDS: '2', FIRST_ATTEMPTS: '0' },
              queues: SECOND_QUEUES,
            }),
          ],
          test: { ...shared, name: 'scale', include: [SCALE], isolate: false },
        },
        { test: { name: 'cli', include: [CLI], testTimeout: 60_000, hookTimeout: 180_000 } },
        {
          test: { name: 'node', include: NODE, environment: 'node', testTimeout: 120_000 },
        },
        {
          plugins: [runtime()],
          test: { ...shared, name: 'deep', include: [DEEP], testTimeout: 180_000 },
        },
        {
          plugins: [runtime({ main: './bench/meter/worker.ts' })],
          test: {
            ...shared,
            name: 'bars',
            include: ['bench/meter/*.test.ts'],
            isolate: false,
          },
        },
      ],
    },
  }
})
