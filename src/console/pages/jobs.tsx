// What goes on in the background: how far it is, and stopping it.

import { Hono } from 'hono'
import { JobResponse } from '../../api/schema/job.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { AskFirst, Badge, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { Page, pathOf, type ShownTenant } from '../parts/layout.tsx'
import { readForm } from '../session.ts'
import { listShape, queryOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'
import { noBody } from '../v1.ts'

const Jobs = listShape(JobResponse)

export const jobPages = new Hono<ConsoleEnv>()
  .get('/jobs', async (c) => {
    const tenant = await findTenant(c)
    const query = queryOf(c, ['cursor'])
    const path = `${pathOf(tenant)}/jobs`
    const { items, nextCursor } = await visitOf(c).v1.get(
      `/tenants/${tenant.id}/jobs?${query}`,
      Jobs,
    )
    return c.html(
      <Page c={c} title="Jobs" tenant={tenant} tab="jobs">
        <Heading>Jobs</Heading>
        <section class="card">
          {items.length === 0 ? (
            <Empty says="Nothing goes on in the background. Resending many events, replays and erasures are listed here." />
          ) : (
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
                  {items.map((job) => (
                    <JobRow c={c} job={job} tenant={tenant} path={path} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <Pager path={path} query={query} next={nextCursor} />
        </section>
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

/** Kinds that can be stopped where they are. */
const STOPPABLE: readonly JobResponse['kind'][] = ['resend', 'replay', 'reencrypt']

interface RowProps {
  readonly c: ConsoleContext
  readonly job: JobResponse
  readonly tenant: ShownTenant
  readonly path: string
}

function JobRow({ c, job, tenant, path }: RowProps) {
  const { id, kind, state, done, total, error, webhookId, createdAt, endedAt } = job
  return (
    <tr>
      <td>
        {kind}
        {webhookId !== null && (
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
