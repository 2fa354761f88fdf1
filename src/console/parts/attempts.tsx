// Attempts, why they failed, and what was given up.

import type { AttemptResponse } from '../../api/schema/attempt.ts'
import type { ConsoleContext } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import type { ShownDiverted } from '../shapes.ts'
import { Badge, Card, Empty, Note, Time, withCode } from './elements.tsx'

interface TableProps {
  readonly c: ConsoleContext
  readonly attempts: readonly AttemptResponse[]
  /** Where the webhook's pages begin, and its tenant's. */
  readonly path: string
  readonly tenantPath: string
}

export function AttemptTable({ c, attempts, path, tenantPath }: TableProps) {
  return (
    <div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>When</th>
            <th>Outcome</th>
            <th>Event</th>
            <th class="number">Took</th>
            <th>Next attempt</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr>
              <td>
                <a href={`${path}/attempts/${attempt.id}?event=${attempt.eventId}`}>
                  <Time at={attempt.at} />
                </a>
              </td>
              <td>
                <Badge status={attempt.outcome} />{' '}
                <span class="small">
                  {attempt.statusCode ?? presentationOf(c).say(attempt.error ?? '')}
                </span>
                {attempt.diagnosis && attempt.diagnosis.cause !== 'unknown' && (
                  <div class="small quiet">{wordsOf(attempt.diagnosis.cause)}</div>
                )}
              </td>
              <td>
                <a href={`${tenantPath}/events/${attempt.eventId}`}>{attempt.eventType}</a>
                <div class="small quiet">attempt {attempt.attempt}</div>
                {attempt.batchId !== null && <div class="small quiet">went in a batch</div>}
              </td>
              <td class="number nowrap" data-name="Took">
                {Math.round(attempt.durationMs).toLocaleString('en')} ms
              </td>
              <td data-name="Next attempt">
                <Time at={attempt.nextAttemptAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A cause as words. */
function wordsOf(cause: string): string {
  return cause.replaceAll('_', ' ')
}

/** What is known of why, and what to do about it. */
export function DiagnosisNote({
  c,
  diagnosis,
}: {
  readonly c: ConsoleContext
  readonly diagnosis: NonNullable<AttemptResponse['diagnosis']>
}) {
  const { cause, explanation, remedy, useUrl, source } = diagnosis
  const { say } = presentationOf(c)
  return (
    <Note tone="warn">
      <p class="strong">Why it failed: {wordsOf(cause)}</p>
      <p>{withCode(say(explanation))}</p>
      <p>{withCode(say(remedy))}</p>
      {useUrl !== null && (
        <p>
          Use this URL: <code>{useUrl}</code>
        </p>
      )}
      {source !== null && (
        <p class="small">
          <a href={source} rel="noreferrer">
            More about this
          </a>
        </p>
      )}
    </Note>
  )
}

interface UndeliveredProps {
  readonly c: ConsoleContext
  readonly diverted: readonly ShownDiverted[]
  /** As of `AttemptTable`. */
  readonly path: string
  readonly tenantPath: string
}

/** The latest of what a webhook did not get. */
export function UndeliveredCard({ c, diverted, path, tenantPath }: UndeliveredProps) {
  const { undelivered, say } = presentationOf(c)
  return (
    <Card
      title={undelivered}
      actions={diverted.length > 0 && <a href={`${path}/diverted`}>All, and resending them</a>}
    >
      {diverted.length === 0 ? (
        <Empty says="None: every event was delivered, or is still being tried." />
      ) : (
        <div class="scroll">
          <table class="stack">
            <tbody>
              {diverted.map(({ eventId, eventType, message, divertedAt }) => (
                <tr>
                  <td>
                    <a href={`${tenantPath}/events/${eventId}`}>{eventType}</a>
                  </td>
                  <td class="small">{say(message)}</td>
                  <td>
                    <Time at={divertedAt} />
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
