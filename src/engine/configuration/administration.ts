// Tenants, keys, templates: who may use Hookline.

import { EngineError } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Administration } from '../api.ts'
import { FROM_THE_START } from '../jobs/deployment-steps.ts'
import { createDeploymentJobs, createJobs } from '../jobs/jobs.ts'
import { createTenantJobs } from '../jobs/tenant-jobs.ts'
import type { Ports } from '../ports/index.ts'
import { createErase } from './erasure.ts'
import { createKeys } from './keys.ts'
import { createTenants } from './tenants.ts'

type AdministrationPorts = Pick<
  Ports,
  | 'clock'
  | 'log'
  | 'tenants'
  | 'keys'
  | 'templates'
  | 'webhooks'
  | 'deadLetters'
  | 'idempotency'
  | 'eventLog'
  | 'activity'
  | 'deploymentJobs'
  | 'tenantJobs'
  | 'monitor'
>

export function createAdministration(ports: AdministrationPorts): Administration {
  const { clock, templates, deadLetters } = ports

  return {
    ...createTenants(ports),
    ...createKeys(ports),
    eraseEvents: createErase(ports),
    async createTemplate({ name, displayName, description }) {
      const template = { id: newId(clock()), name, displayName, description }
      if (await templates.insert(template)) return template
      throw new EngineError('conflict', `A template named ${name} already exists.`)
    },
    listTemplates: (page) => templates.list(page),
    findTemplate: (idOrName) => templates.find(idOrName),
    listDeadLetters: (page) => deadLetters.list(page),
    ...createDeploymentJobs(ports),
    ...createTenantJobs(ports, createJobs(ports)),
    async reencryptSecrets() {
      const jobId = newId(clock())
      const { progress } = await ports.deploymentJobs.start(jobId, FROM_THE_START)
      return { jobId, queued: progress.total }
    },
  }
}
