// What can be done to a webhook.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleContext, may } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { Action, AskFirst } from './elements.tsx'
import { AreaField, TextField } from './fields.tsx'
import { FormToken } from './layout.tsx'

interface Props {
  readonly c: ConsoleContext
  readonly webhook: WebhookResponse
  readonly path: string
}

export function WebhookActions({ c, webhook, path }: Props) {
  const { status, enabled, pull, signing, verification, verifiedAt } = webhook
  const reveal = signing !== null && may(c, 'webhook-secrets:read') && (
    <Action c={c} to={`${path}/secret`} text="Reveal the secret" />
  )
  const rotate = signing !== null && may(c, 'webhook-secrets:write') && (
    <AskFirst
      c={c}
      to={`${path}/rotate-secret`}
      text="Rotate the secret"
      question="Requests are signed with the new secret and, for 24 hours, with the present one as well."
    />
  )
  if (!may(c, 'webhooks:write')) {
    return (
      <div class="actions-row">
        {reveal}
        {rotate}
      </div>
    )
  }
  return (
    <div class="actions-row">
      {status === 'suspended' && <Action c={c} to={`${path}/resume`} text="Resume" tone="main" />}
      {verification !== null && (
        <Action
          c={c}
          to={`${path}/verify`}
          text="Ask the receiver again"
          tone={verifiedAt === null ? 'main' : ''}
        />
      )}
      {!pull && <TestForm c={c} path={path} />}
      {reveal}
      {rotate}
      {!pull && <PendingActions c={c} webhook={webhook} path={path} />}
      {enabled ? (
        <AskFirst
          c={c}
          to={`${path}/enabled`}
          fields={{ enabled: 'false' }}
          text="Disable"
          question="It receives no new events until it is enabled again."
        />
      ) : (
        <Action c={c} to={`${path}/enabled`} fields={{ enabled: 'true' }} text="Enable" />
      )}
      <AskFirst
        c={c}
        to={`${path}/delete`}
        text="Delete"
        tone="danger"
        question="Nothing more is sent to it, pending retries included, and its attempts and undelivered events are gone. This cannot be undone."
      />
    </div>
  )
}

function TestForm({ c, path }: Pick<Props, 'c' | 'path'>) {
  return (
    <details class="ask">
      <summary>Send a test event…</summary>
      <div>
        <form method="post" action={`${path}/test`}>
          <FormToken c={c} />
          <TextField
            name="type"
            label="Type"
            value="webhook.test"
            hint="Of a type in the catalogue its example is sent, unless there is data below."
          />
          <AreaField name="data" label="Data, as JSON" rows={4} />
          <button type="submit" class="main">
            Send it now
          </button>
        </form>
      </div>
    </details>
  )
}

/** About what waits for it. */
function PendingActions({ c, webhook: { paused }, path }: Props) {
  return (
    <>
      {paused ? (
        <Action
          c={c}
          to={`${path}/paused`}
          fields={{ paused: 'false' }}
          text="Resume deliveries"
          tone="main"
        />
      ) : (
        <AskFirst
          c={c}
          to={`${path}/paused`}
          fields={{ paused: 'true' }}
          text="Pause deliveries"
          question="Its events wait, retries among them, and leave in order once it is resumed."
        />
      )}
      <details class="ask danger">
        <summary>Cancel what is pending…</summary>
        <div>
          <p>
            Deliveries that wait or are to be tried again end, and are not sent. This cannot be
            undone.
          </p>
          <form method="post" action={`${path}/cancel`}>
            <FormToken c={c} />
            <TextField
              name="eventTypes"
              label="Only these event types"
              hint="Separated by commas; empty: of all types."
            />
            <button type="submit" class="danger">
              Cancel deliveries
            </button>
          </form>
        </div>
      </details>
    </>
  )
}

/** To where its configuration is changed. */
export function WebhookLinks({ c, webhook, path }: Props) {
  if (!may(c, 'webhooks:write')) return null
  return (
    <>
      {presentationOf(c).showsInternals && !webhook.pull && (
        <a class="button" href={`${path}/failures`}>
          Failure handling
        </a>
      )}
      <a class="button" href={`${path}/edit`}>
        Edit
      </a>
    </>
  )
}
