import type { D1Migration } from '@cloudflare/vitest-pool-workers'
import type { Env } from '../src/platform/env.ts'

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      readonly mainModule: typeof import('../src/worker.ts')
    }
    interface Env extends WorkerBindings {
      readonly MIGRATIONS: D1Migration[]
      readonly FUZZ_SEED: string
      readonly FUZZ_RUNS: string
    }
  }
  interface WorkerBindings extends Env {}
}
