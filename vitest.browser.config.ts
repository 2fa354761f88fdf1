// The pages in a real browser (`npm run test:browser`): Debian's Chromium, against `wrangler dev` on this machine.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/*.test.ts'],
    environment: 'node',
    reporters: ['default', './scripts/counts-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
