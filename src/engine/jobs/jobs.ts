// Jobs: what somebody asked for that goes on in the background. A tenant's resends and replays; the deployment's purges
// and re-encryptions.

import { EngineError, notFound } from '../../errors.ts'
import type { Administration, Jobs, Webhooks } from '../api.ts'
import type { Job, JobProgress } from '../model/index.ts'
import type { DeploymentJob, JobEntry, Ports } from '../ports/index.ts'

/** What a job shows that its webhook's monitor does not know. */
const LOST = { done: 0, total: null, endedAt: null } as const
const NOT_BEGUN: JobProgress = {
  ...LOST,
  state: 'failed',
  error: 'The job was not started. Request it again.',
}
const WITHOUT_WEBHOOK: JobProgress = {
  ...LOST,
  state: 'cancelled',
  error: 'The webhook was deleted, and the progress of this job with it.',
}

export function createJobs(ports: Pick<Ports, 'eventLog' | 'monitor' | 'webhooks'>): Jobs {
  const progressOf = async (tenantId: string, id: string, webhookId: string | null) => {
    if (webhookId === null) return NOT_BEGUN
    const known = await ports.monitor(webhookId).job(id)
    if (known !== null) return known
    const webhook = await ports.webhooks.find({ tenantId, id: webhookId })
    return webhook === null ? WITHOUT_WEBHOOK : NOT_BEGUN
  }
  const toJob = async (tenantId: string, entry: JobEntry): Promise<Job> => {
    const { id, kind, webhookId, createdAt } = entry
    const progress = entry.progress ?? (await progressOf(tenantId, id, webhookId))
    return { id, kind, tenantId, webhookId, createdAt, ...progress }
  }
  const getEntry = async (tenantId: string, id: string): Promise<JobEntry> => {
    const entry = await ports.eventLog(tenantId).job(id)
    if (entry === null) throw notFound('job')
    return entry
  }

  return {
    async list(tenantId, page) {
      const entries = await ports.eventLog(tenantId).jobs(page)
      return Promise.all(entries.map((entry) => toJob(tenantId, entry)))
    },
    get: async (tenantId, id) => toJob(tenantId, await getEntry(tenantId, id)),
    async cancel(tenantId, id) {
      const { kind, webhookId, progress } = await getEntry(tenantId, id)
      if (kind === 'erase' && progress?.state === 'running') throw unstoppable('An erasure')
      const isOwn = kind !== 'resend' || webhookId === null
      await (isOwn ? ports.eventLog(tenantId) : ports.monitor(webhookId)).cancelJob(id)
    },
  }
}

/** Jobs as a user's key has them: those about webhooks that it sees. */
export function jobsSeen(all: Jobs, webhooks: Webhooks): Jobs {
  const get = async (tenantId: string, id: string): Promise<Job> => {
    const job = await all.get(tenantId, id)
    const ids = await webhooks.listIds({ tenantId })
    if (job.webhookId === null || !ids.includes(job.webhookId)) throw notFound('job')
    return job
  }
  return {
    async list(tenantId, { limit, before }) {
      const ids: readonly (string | null)[] = await webhooks.listIds({ tenantId })
      const seen: Job[] = []
      let last = before
      while (seen.length < limit) {
        const page = await all.list(tenantId, { limit, before: last })
        seen.push(...page.filter(({ webhookId }) => ids.includes(webhookId)))
        if (page.length < limit) break
        last = page.at(-1)?.id ?? null
      }
      return seen.slice(0, limit)
    },
    get,
    async cancel(tenantId, id) {
      await get(tenantId, id)
      await all.cancel(tenantId, id)
    },
  }
}

/** The administrator's: jobs of the whole deployment. */
export function createDeploymentJobs({
  deploymentJobs,
}: Pick<Ports, 'deploymentJobs'>): Pick<Administration, 'listJobs' | 'getJob' | 'cancelJob'> {
  const get = async (id: string): Promise<DeploymentJob> => {
    const job = await deploymentJobs.find(id)
    if (job === null) throw notFound('job')
    return job
  }
  return {
    listJobs: async (page) => (await deploymentJobs.list(page)).map(toJob),
    getJob: async (id) => toJob(await get(id)),
    async cancelJob(id) {
      const { kind, progress } = await get(id)
      if (kind === 'purge' && progress.state === 'running')
        throw unstoppable('The deletion of a tenant')
      await deploymentJobs.cancel(id)
    },
  }
}

function toJob({ id, kind, tenantId, createdAt, progress }: DeploymentJob): Job {
  return { id, kind, tenantId, webhookId: null, createdAt, ...progress }
}

function unstoppable(what: string): EngineError {
  return new EngineError('conflict', `${what} cannot be cancelled.`)
}
