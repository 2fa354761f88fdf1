// Jobs: what somebody asked for that goes on in the background. A tenant's resends and replays; the deployment's purges
// and re-encryptions.

import { EngineError, notFound } from './errors.ts'
import type { Jobs } from './index.ts'
import type { Job, JobProgress } from './model.ts'
import type { DeploymentJob, JobEntry, Ports } from './ports.ts'

/** What is left of a job that its webhook's memory does not know. */
const UNKNOWN: JobProgress = {
  state: 'failed',
  done: 0,
  total: null,
  error: 'It was not begun, or its webhook is deleted. Ask for it again.',
  endedAt: null,
}

export function createJobs(ports: Ports): Jobs {
  const toJob = async (tenantId: string, entry: JobEntry): Promise<Job> => {
    const { id, kind, webhookId, createdAt } = entry
    const progress = entry.progress ?? (await ports.monitor(webhookId).job(id)) ?? UNKNOWN
    return { id, kind, tenantId, webhookId, createdAt, ...progress }
  }
  const getEntry = async (tenantId: string, id: string): Promise<JobEntry> => {
    const entry = await ports.eventLog(tenantId).job(id)
    if (entry === null) throw notFound('job')
    return entry
  }
  const getDeploymentJob = async (id: string): Promise<DeploymentJob> => {
    const job = await ports.deploymentJobs.find(id)
    if (job === null) throw notFound('job')
    return job
  }

  return {
    async list(tenantId, page) {
      if (tenantId === null) return (await ports.deploymentJobs.list(page)).map(ofDeployment)
      const entries = await ports.eventLog(tenantId).jobs(page)
      return Promise.all(entries.map((entry) => toJob(tenantId, entry)))
    },
    async get(tenantId, id) {
      if (tenantId === null) return ofDeployment(await getDeploymentJob(id))
      return toJob(tenantId, await getEntry(tenantId, id))
    },
    async cancel(tenantId, id) {
      if (tenantId === null) {
        const { kind, progress } = await getDeploymentJob(id)
        if (kind === 'purge' && progress.state === 'running') throw unstoppable()
        await ports.deploymentJobs.cancel(id)
        return
      }
      const { kind, webhookId } = await getEntry(tenantId, id)
      const holder = kind === 'replay' ? ports.eventLog(tenantId) : ports.monitor(webhookId)
      await holder.cancelJob(id)
    },
  }
}

function ofDeployment({ id, kind, tenantId, createdAt, progress }: DeploymentJob): Job {
  return { id, kind, tenantId, webhookId: null, createdAt, ...progress }
}

function unstoppable(): EngineError {
  const message =
    'The tenant is deleted: what is left of it is removed, and that cannot be stopped.'
  return new EngineError('conflict', message)
}
