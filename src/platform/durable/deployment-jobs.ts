// The jobs of the deployment: one object of a fixed name, which goes on with them whoever dies.

import { isAwaited, takeStep } from '../../engine/jobs/deployment-steps.ts'
import type { DeploymentRequest, JobProgress } from '../../engine/model/index.ts'
import type { DeploymentJob } from '../../engine/ports/index.ts'
import { RETENTION } from '../../retention.ts'
import { BaseObject } from './base-object.ts'
import { createJobPorts, type JobBindings } from './deployment-jobs-ports.ts'
import { RequestText } from './deployment-request.ts'
import { inTime } from './in-time.ts'
import { JOBS, JOBS_TABLE, JobStore, type StoredJob } from './job-store.ts'
import { migrate, type ObjectSchema } from './migrate.ts'
import { noting, type Step } from './outbox.ts'

export const DEPLOYMENT_JOBS_SCHEMA: ObjectSchema = { steps: [JOBS_TABLE], tables: [JOBS] }

const NOT_BEGUN: JobProgress = {
  state: 'running',
  done: 0,
  total: null,
  error: null,
  endedAt: null,
}

export class DeploymentJobsObject extends BaseObject<JobBindings> {
  private store: JobStore

  constructor(ctx: DurableObjectState, env: JobBindings) {
    super(ctx, env)
    this.store = this.openStore()
  }

  /** Keeps the job and takes the steps that are waited for, one at least; what they cannot do now is done later. */
  async start(id: string, request: DeploymentRequest): Promise<DeploymentJob> {
    await this.loadAlarm()
    const subject = request.kind === 'purge' ? request.tenantId : ''
    const about = { id, kind: request.kind, subject, request: JSON.stringify(request) }
    this.store.insert({ ...about, createdAt: Date.now(), progress: NOT_BEGUN })
    await this.workSoon()
    let isGoingOn = true
    while (isGoingOn) {
      isGoingOn = (await this.stepOf(id)) && isAwaited(RequestText.parse(this.get(id).request))
    }
    return toJob(this.get(id))
  }

  async find(id: string): Promise<DeploymentJob | null> {
    const job = this.store.find(id)
    return job && toJob(job)
  }

  async list(page: { limit: number; before: string | null }): Promise<readonly DeploymentJob[]> {
    return this.store.list(page).map(toJob)
  }

  async cancel(id: string): Promise<boolean> {
    return this.store.end(id, 'cancelled', Date.now())
  }

  protected override reopen(): void {
    this.store = this.openStore()
  }

  protected override steps(): readonly Step[] {
    return this.store.running().map(({ id }) =>
      noting(
        () => this.stepOf(id),
        (error) => this.store.note(id, error),
      ),
    )
  }

  protected override prune(now: number): boolean {
    return this.store.prune(now - RETENTION.eventSeconds * 1_000)
  }

  /** Takes a job's next step, unless that is being taken; whether there is another one. */
  private async stepOf(id: string): Promise<boolean> {
    const present = this.present.get(id) ?? this.step(id).finally(() => this.present.delete(id))
    this.present.set(id, present)
    return present
  }

  private readonly present = new Map<string, Promise<boolean>>()

  private async step(id: string): Promise<boolean> {
    const { request, progress } = this.get(id)
    if (progress?.state !== 'running') return false
    const asked = RequestText.parse(request)
    const stepped = await inTime(takeStep(asked, progress, createJobPorts(this.env)))
    const { state, done, total, error } = stepped.progress
    this.store.update(id, JSON.stringify(stepped.request), { done, total })
    if (state === 'running') return true
    this.store.end(id, state, Date.now(), error)
    return false
  }

  private get(id: string): StoredJob {
    const job = this.store.find(id)
    if (job === null) throw new Error('A job is gone.')
    return job
  }

  private openStore(): JobStore {
    migrate(this.ctx.storage, DEPLOYMENT_JOBS_SCHEMA)
    return new JobStore(this.ctx.storage.sql)
  }
}

function toJob({ id, kind, subject, createdAt, progress }: StoredJob): DeploymentJob {
  const about = { tenantId: subject || null, createdAt, progress: progress ?? NOT_BEGUN }
  return { id, kind: kind === 'reencrypt' ? kind : 'purge', ...about }
}
