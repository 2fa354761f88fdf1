// The status of a webhook with its reason, in words.

import type { HealthResponse } from '../../api/schema/health.ts'
import type { WebhookResponse } from '../../api/schema/webhook.ts'
import type { ConsoleContext } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { Time } from './elements.tsx'
import { rateInWords } from './webhook-facts.tsx'

interface Props {
  readonly c: ConsoleContext
  readonly webhook: WebhookResponse
  readonly health: HealthResponse
}

/** Why deliveries wait, and what did until a time that is told. */
const HOLDS = {
  asked: 'Its receiver asked for a pause',
  no_answer: 'Its receiver does not answer, and is left alone',
  catching_up: 'What had to wait did so',
} as const

export function StatusSentence({ c, webhook, health }: Props) {
  const { status, suspendedAt } = webhook
  const { failingSince, suspendsAt, hold, pause, rate, consecutiveFailures, lastSuccessAt } = health
  if (status === 'disabled')
    return <p>It is disabled: its owner switched it off, and nothing is sent.</p>
  if (status === 'suspended') {
    return (
      <p>
        It was suspended <Time at={suspendedAt} />, because deliveries kept failing. Nothing is sent
        until somebody resumes it, or changes its URL; what came meanwhile is among the{' '}
        {presentationOf(c).undelivered.toLowerCase()}.
      </p>
    )
  }
  if (webhook.verification !== null && webhook.verifiedAt === null) {
    return (
      <p>
        Its receiver has not agreed to be sent to
        {pause !== null && `: ${countOf(pause.waiting)}`}. {webhook.verificationError}
      </p>
    )
  }
  if (pause !== null) {
    return (
      <p>
        It was paused <Time at={pause.since} />: {countOf(pause.waiting)}. Once it is resumed, what
        waits leaves in order, a little faster each time. After 29 days what still waits goes to the{' '}
        {presentationOf(c).undelivered.toLowerCase()}.
      </p>
    )
  }
  if (hold !== null) {
    return (
      <p>
        {HOLDS[hold.reason]} until <Time at={hold.until} />: {hold.waiting} deliveries wait, and
        leave from then on, a little faster each time.
      </p>
    )
  }
  if (rate !== null && rate.waiting > 0) {
    const allowed = rate.allowed && `its receiver allows ${rate.allowed.perMinute} a minute`
    const isBound = rate.perSecond !== null || rate.perMinute !== null || rate.concurrency !== null
    return (
      <p>
        It gets {isBound ? rateInWords(rate) : 'what its receiver allows'}
        {allowed && ` (${allowed})`}: {countOf(rate.waiting)}, and{' '}
        {rate.underWay.toLocaleString('en')} are on their way. What waits leaves in order.
      </p>
    )
  }
  if (failingSince !== null) {
    return (
      <p>
        It has been failing since <Time at={failingSince} /> ({consecutiveFailures} attempts).{' '}
        {suspendsAt === null ? (
          'It is not about to be suspended.'
        ) : (
          <>
            It will be suspended <Time at={suspendsAt} /> unless a delivery succeeds before then.
          </>
        )}
      </p>
    )
  }
  return lastSuccessAt === null ? (
    <p>Nothing was sent to it yet.</p>
  ) : (
    <p>
      All is well: the last delivery succeeded <Time at={lastSuccessAt} />.
    </p>
  )
}

function countOf(waiting: number): string {
  if (waiting === 1) return '1 delivery waits'
  return `${waiting === 0 ? 'no' : waiting.toLocaleString('en')} deliveries wait`
}
