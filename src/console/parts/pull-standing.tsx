// How a webhook stands to which nothing is sent: who reads its events, how far each came, and how it is done.

import type { HealthResponse } from '../../api/schema/health.ts'
import { publicOrigin } from '../../http/public-url.ts'
import { type ConsoleContext, may } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { AskFirst, Card, Code, Empty, Time } from './elements.tsx'
import type { ShownTenant } from './layout.tsx'

interface Props {
  readonly c: ConsoleContext
  readonly tenant: ShownTenant
  readonly webhookId: string
  readonly path: string
  readonly pull: NonNullable<HealthResponse['pull']>
}

export function PullStanding({ c, tenant, webhookId, path, pull: { consumers } }: Props) {
  const at = `/v1/tenants/${tenant.id}/webhooks/${webhookId}/pull`
  const command = `curl -H "Authorization: Bearer $TOKEN" "${publicOrigin(c)}${at}?waitMs=30000"`
  return (
    <Card title="Consumers">
      <div class="body">
        <p>
          Nothing is sent: consumers read its events themselves, in order, each from where it
          stands.
        </p>
        {presentationOf(c).showsInternals && <Code id="command" text={command} />}
      </div>
      {consumers.length === 0 ? (
        <Empty says="No consumer keeps its place here: each may keep its cursor itself." />
      ) : (
        <div class="scroll">
          <table class="stack">
            <thead>
              <tr>
                <th>Consumer</th>
                <th>Has read everything until</th>
                <th>Committed</th>
                <th>
                  <span class="quiet">Delete</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {consumers.map(({ name, readUntil, committedAt }) => (
                <tr>
                  <td class="long">{name}</td>
                  <td data-name="Has read everything until">
                    <Time at={readUntil} />
                  </td>
                  <td data-name="Committed">
                    <Time at={committedAt} />
                  </td>
                  <td>
                    {may(c, 'events:pull') && (
                      <AskFirst
                        c={c}
                        to={`${path}/consumers/delete`}
                        fields={{ consumer: name }}
                        text="Delete"
                        tone="danger"
                        question="Its place is forgotten: under this name it begins with the oldest event."
                      />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  )
}
