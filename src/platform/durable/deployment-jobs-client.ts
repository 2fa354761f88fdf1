// The object of the deployment's jobs behind its port.

import type { DeploymentJobs } from '../../engine/ports/index.ts'
import type { Env } from '../env.ts'

/** There is one of these objects. */
const DEPLOYMENT = 'deployment'

export function createDeploymentJobsClient({
  DEPLOYMENT_JOBS,
}: Pick<Env, 'DEPLOYMENT_JOBS'>): DeploymentJobs {
  const stub = () => DEPLOYMENT_JOBS.getByName(DEPLOYMENT)
  return {
    start: (id, request) => stub().start(id, request),
    find: (id) => stub().find(id),
    list: (page) => stub().list(page),
    cancel: (id) => stub().cancel(id),
  }
}
