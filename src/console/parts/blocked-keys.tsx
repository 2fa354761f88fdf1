// What waits because the events of a webhook come in order, and the keys that wait for a person.

import type { HealthResponse } from '../../api/schema/health.ts'
import { type ConsoleContext, may } from '../context.ts'
import { Action, Card, Time } from './elements.tsx'

interface BlockedKeysProps {
  readonly c: ConsoleContext
  readonly order: HealthResponse['order']
  /** Of the webhook's page, and of its tenant. */
  readonly path: string
  readonly tenantPath: string
}

/** Nothing where nothing waits. */
export function BlockedKeys({ c, order, path, tenantPath }: BlockedKeysProps) {
  if (order === null || (order.waiting === 0 && order.blocked.length === 0)) return null
  const { waiting, blocked } = order
  return (
    <Card title="In order">
      <div class="body">
        <p>
          {waiting === 1 ? '1 event waits' : `${waiting.toLocaleString('en')} events wait`} for
          those before.
        </p>
        {blocked.map(({ key, eventId, since }) => (
          <div class="blocked">
            <p>
              Nothing behind <code>{key}</code> is sent since{' '}
              <a href={`${tenantPath}/events/${eventId}`}>an event</a> was given up{' '}
              <Time at={since} />.
            </p>
            {may(c, 'webhooks:write') && (
              <Action c={c} to={`${path}/skip`} text="Go on without it" fields={{ behind: key }} />
            )}
          </div>
        ))}
      </div>
    </Card>
  )
}
