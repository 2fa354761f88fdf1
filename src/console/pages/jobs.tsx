// What goes on in the background: how far it is, and stopping it.

import { Hono } from 'hono'
import { JobResponse, StartedJobResponse } from '../../api/schema/job.ts'
import { WebhookResponse } from '../../api/schema/webhook.ts'
import { noBody } from '../../http/v1.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { replayCommand } from '../parts/commands.ts'
import { AskFirst, Badge, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import { readForm } from '../session.ts'
import { listShape, queryOf } from '../shapes.ts'
import { findTenant, orNothing } from '../tenant.ts'

const Jobs = listShape(JobResponse)
const Webhooks = listShape(WebhookResponse)

export const jobPages = new Hono<ConsoleEnv>()
  .get('/jobs', async (c) => {
    const tenant = await findTenant(c)
    const query = queryOf(c, ['cursor'])
    const path = `${pathOf(tenant)}/jobs`
    const { items, nextCursor } = await visitOf(c).v1.get(
      `/tenants/${tenant.id}/jobs?${query}`,
      Jobs,
    )
    const command = items.length === 0 ? await firstJob(c, tenant) : undefined
    return c.html(
      <Page c={c} title="Jobs" tenant={tenant} tab="jobs">
        <Heading>Jobs</Heading>
        <JobList
          {...{ c, tenant, path, query, jobs: items, next: nextCursor, command }}
          empty={`Nothing goes on in the background. Resending many events, replays and erasures are listed here.${command === undefined ? '' : ' A replay sends a webhook what it missed, here in the last hour:'}`}
        />
      </Page>,
    )
  })
  .post('/jobs/:job/cancel', async (c) => {
    const tenant = await findTenant(c)
    await readForm(c)
    const id = encodeURIComponent(c.req.param('job'))
    await visitOf(c).v1.send('DELETE', `/tenants/${tenant.id}/jobs/${id}`, undefined, noBody)
    return c.redirect(`${pathOf(tenant)}/jobs`, 303)
  })

/** What begins a job for the first of the tenant's webhooks; undefined where there is none, and for who may not. */
async function firstJob(c: ConsoleContext, tenant: ShownTenant): Promise<string | undefined> {
  const webhooks = await orNothing(
    visitOf(c).v1.get(`/tenants/${tenant.id}/webhooks?limit=1`, Webhooks),
  )
  const [webhook] = webhooks?.items ?? []
  return webhook && replayCommand(c, tenant, webhook.id)
}

const DEPLOYMENT_JOBS = '/console/jobs'

/** The deployment's own jobs, which are the administrator's. */
export const deploymentJobPages = new Hono<ConsoleEnv>()
  .get('/jobs', async (c) => {
    const query = queryOf(c, ['cursor'])
    const { items, nextCursor } = await visitOf(c).v1.get(`/jobs?${query}`, Jobs)
    return c.html(
      <Page c={c} title="Jobs of the deployment" tab="tenants">
        <Heading
          back={{ href: '/console/tenants', text: 'Tenants' }}
          actions={
            <AskFirst
              c={c}
              to={`${DEPLOYMENT_JOBS}/reencrypt`}
              text="Re-encrypt all secrets"
              question="Each stored secret is encrypted again with the newest key of SECRETS_KEY. Deliveries go on meanwhile."
            />
          }
        >
          Jobs of the deployment
        </Heading>
        <JobList
          {...{ c, tenant: null, path: DEPLOYMENT_JOBS, query, jobs: items, next: nextCursor }}
          empty="Nothing goes on in the background. Re-encryption and the removal of deleted tenants are listed here."
        />
      </Page>,
    )
  })
  .post('/jobs/reencrypt', async (c) => {
    await readForm(c)
    await visitOf(c).v1.send('POST', '/secrets/reencrypt', {}, StartedJobResponse)
    return c.redirect(DEPLOYMENT_JOBS, 303)
  })
  .post('/jobs/:job/cancel', async (c) => {
    await readForm(c)
    const id = encodeURIComponent(c.req.param('job'))
    await visitOf(c).v1.send('DELETE', `/jobs/${id}`, undefined, noBody)
    return c.redirect(DEPLOYMENT_JOBS, 303)
  })

interface TableProps {
  readonly c: ConsoleContext
  readonly jobs: readonly JobResponse[]
  /** Null: they are the deployment's. */
  readonly tenant: ShownTenant | null
  readonly path: string
}

interface ListProps extends TableProps {
  readonly query: URLSearchParams
  readonly next: string | null
  /** What is said where there is none. */
  readonly empty: string
  readonly command?: string | undefined
}

function JobList({ empty, command, query, next, ...table }: ListProps) {
  return (
    <section class="card">
      {table.jobs.length === 0 ? <Empty says={empty} command={command} /> : <JobTable {...table} />}
      <Pager path={table.path} query={query} next={next} />
    </section>
  )
}

function JobTable({ c, jobs, tenant, path }: TableProps) {
  return (
    <div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Job</th>
            <th>State</th>
            <th>Progress</th>
            <th>Started</th>
            <th>Ended</th>
            <th>
              <span class="quiet">Stop</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow c={c} job={job} tenant={tenant} path={path} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Kinds that can be stopped where they are. */
const STOPPABLE: readonly JobResponse['kind'][] = ['resend', 'replay', 'reencrypt']

interface RowProps {
  readonly c: ConsoleContext
  readonly job: JobResponse
  readonly tenant: ShownTenant | null
  readonly path: string
}

function JobRow({ c, job, tenant, path }: RowProps) {
  const { id, kind, state, done, total, error, webhookId, createdAt, endedAt } = job
  return (
    <tr>
      <td>
        {kind}
        {tenant !== null && webhookId !== null && (
          <div class="small">
            <a href={`${pathOf(tenant)}/webhooks/${webhookId}`}>to a webhook</a>
          </div>
        )}
        <div class="id">{id}</div>
      </td>
      <td>
        <Badge status={state} />
        {error !== null && <div class="small">{error}</div>}
      </td>
      <td data-name="Progress">
        {total !== null && total > 0 && state === 'running' && (
          <progress max={total} value={done} aria-label="Progress" />
        )}{' '}
        <span class="nowrap">
          {done.toLocaleString('en')}
          {total !== null && ` of ${total.toLocaleString('en')}`}
        </span>
      </td>
      <td data-name="Started">
        <Time at={createdAt} />
      </td>
      <td data-name="Ended">
        <Time at={endedAt} none="not yet" />
      </td>
      <td>
        {state === 'running' && STOPPABLE.includes(kind) && (
          <AskFirst
            c={c}
            to={`${path}/${id}/cancel`}
            text="Stop"
            question="It stops where it is. What it has done is not undone."
          />
        )}
      </td>
    </tr>
  )
}
