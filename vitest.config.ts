// The suite runs in workerd against local D1, Queues and Durable Objects.

import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'
import { sortTests } from './scripts/storage-tests.ts'

export default defineConfig(async () => {
  const { storage, alone, pure } = sortTests('test')
  // Fuzzing, faults and histories at length (`npm run test:deep`) are no part of what is run at each turn (`npm test`).
  const isDeep = (file: string) => file.endsWith('.deep.test.ts')
  const isQuick = (file: string) => !isDeep(file)
  const migrations = await readD1Migrations('./migrations')
  const runtime = (options: { readonly main?: string } = {}) =>
    cloudflareTest({
      ...options,
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        bindings: {
          ADMIN_TOKEN: 'test-admin-token',
          SECRETS_KEY: 'dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE=',
          ALLOW_PRIVATE_TARGETS: 'true',
          MIGRATIONS: migrations,
          // Repeats a fuzz run; empty: another seed each time, and as many requests as each test says.
          FUZZ_SEED: process.env.FUZZ_SEED ?? '',
          FUZZ_RUNS: process.env.FUZZ_RUNS ?? '',
        },
      },
    })
  const onStorage = (name: string, include: string[], { isolate }: { isolate: boolean }) => ({
    plugins: [runtime()],
    test: {
      name,
      include,
      setupFiles: ['./test/setup.ts'],
      globalSetup: ['./test/fixtures/redirector.ts', './test/fixtures/example-receivers.ts'],
      // Real queues and objects on a busy machine take their time.
      testTimeout: 30_000,
      isolate,
    },
  })
  const inOneRuntime = (name: string, include: string[]) => ({
    plugins: [runtime()],
    test: { name, include, isolate: false },
  })
  return {
    test: {
      // A worker here waits for its workerd most of the time, so each core takes one.
      maxWorkers: '100%',
      reporters: ['default', './scripts/counts-reporter.ts'],
      projects: [
        onStorage('storage', storage.filter(isQuick), { isolate: false }),
        onStorage('storage alone', [...alone], { isolate: true }),
        inOneRuntime('pure', pure.filter(isQuick)),
        onStorage('deep storage', storage.filter(isDeep), { isolate: true }),
        inOneRuntime('deep pure', pure.filter(isDeep)),
        {
          plugins: [runtime({ main: './bench/meter/worker.ts' })],
          test: {
            name: 'bars',
            include: ['bench/meter/*.test.ts'],
            setupFiles: ['./test/setup.ts'],
            testTimeout: 20_000,
          },
        },
      ],
    },
  }
})
