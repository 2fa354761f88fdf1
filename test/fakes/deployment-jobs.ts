// The jobs of the deployment, in memory: the same steps as the Durable Object's, one after the other.

import { isAwaited, type StepPorts, takeStep } from '../../src/engine/jobs/deployment-steps.ts'
import type { DeploymentRequest, JobProgress } from '../../src/engine/model/index.ts'
import type { DeploymentJob, DeploymentJobs, Ports } from '../../src/engine/ports/index.ts'

interface Kept {
  readonly createdAt: number
  readonly request: DeploymentRequest
  readonly progress: JobProgress
}

export interface MemoryDeploymentJobs extends DeploymentJobs {
  /** Takes every step there is to take. */
  readonly alarm: () => Promise<void>
}

export function createMemoryDeploymentJobs(
  ports: StepPorts & Pick<Ports, 'clock'>,
): MemoryDeploymentJobs {
  const jobs = new Map<string, Kept>()
  const toJob = (id: string, { createdAt, request, progress }: Kept): DeploymentJob => ({
    ...{ id, kind: request.kind, createdAt, progress },
    tenantId: request.kind === 'purge' ? request.tenantId : null,
  })
  const step = async (id: string, kept: Kept): Promise<Kept> => {
    const { request, progress } = await takeStep(kept.request, kept.progress, ports)
    const endedAt = progress.state === 'running' ? null : ports.clock()
    const next = { ...kept, request, progress: { ...progress, endedAt } }
    jobs.set(id, next)
    return next
  }
  return {
    async start(id, request) {
      const progress = {
        state: 'running',
        done: 0,
        total: null,
        error: null,
        endedAt: null,
      } as const
      const kept = jobs.get(id) ?? { createdAt: ports.clock(), request, progress }
      if (kept.progress.state !== 'running') return toJob(id, kept)
      jobs.set(id, kept)
      let next = await step(id, kept)
      while (next.progress.state === 'running' && isAwaited(next.request))
        next = await step(id, next)
      return toJob(id, next)
    },
    async find(id) {
      const kept = jobs.get(id)
      return kept ? toJob(id, kept) : null
    },
    list: async ({ limit, before }) =>
      [...jobs]
        .map(([id, kept]) => toJob(id, kept))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .filter(({ id }) => before === null || id < before)
        .slice(0, limit),
    async cancel(id) {
      const kept = jobs.get(id)
      if (kept?.progress.state !== 'running') return false
      const progress = { ...kept.progress, state: 'cancelled', endedAt: ports.clock() } as const
      jobs.set(id, { ...kept, progress })
      return true
    },
    async alarm() {
      for (const [id, kept] of jobs) {
        let next = kept
        while (next.progress.state === 'running') next = await step(id, next)
      }
    },
  }
}
