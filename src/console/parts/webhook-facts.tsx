// How a webhook is configured.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import type { ConsoleContext } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { batchInWords } from './batch-fields.tsx'
import { spanOf } from './delays.ts'
import { Time } from './elements.tsx'
import { formatInWords } from './format-field.tsx'
import { orderInWords } from './order-fields.tsx'
import { signatureInWords } from './signature-fields.tsx'

interface FactsProps {
  readonly c: ConsoleContext
  readonly webhook: WebhookResponse
}

export function WebhookFacts({ c, webhook }: FactsProps) {
  const { url, description, eventTypes, scope, dialect, signing, headers } = webhook
  const expressions = [
    ['Filter', webhook.filter],
    ['Body', webhook.body],
    ['Path', webhook.pathExpression],
    ...Object.entries(webhook.headerExpressions).map(
      ([name, expression]) => [`Header ${name}`, expression] as const,
    ),
    ...Object.entries(webhook.queryExpressions).map(
      ([name, expression]) => [`Query ${name}`, expression] as const,
    ),
  ] as const
  const entries = Object.entries(scope)
  const names = Object.keys(headers)
  return (
    <dl class="facts">
      <dt>URL</dt>
      <dd>{url ?? 'none: its consumers pull its events'}</dd>
      {description !== null && (
        <>
          <dt>Description</dt>
          <dd>{description}</dd>
        </>
      )}
      {webhook.deleteAfterIdleSeconds !== null && (
        <>
          <dt>Deleted</dt>
          <dd>once nobody has pulled for {webhook.deleteAfterIdleSeconds / 60} minutes</dd>
        </>
      )}
      <dt>Event types</dt>
      <dd>{eventTypes.join(', ')}</dd>
      <dt>Scope</dt>
      <dd>
        {entries.length === 0
          ? 'all events'
          : entries.map(([name, value]) => `${name}=${value}`).join(', ')}
      </dd>
      {expressions.map(
        ([name, expression]) =>
          expression !== null && (
            <>
              <dt>{name}</dt>
              <dd>
                <code>{expression}</code>
              </dd>
            </>
          ),
      )}
      {presentationOf(c).showsInternals && (
        <>
          <dt>Format</dt>
          <dd>{dialect}</dd>
        </>
      )}
      {webhook.format !== null && (
        <>
          <dt>Written as</dt>
          <dd>{formatInWords(webhook.format)}</dd>
        </>
      )}
      <dt>Signed with</dt>
      <dd>{signing ?? 'nothing'}</dd>
      <dt>Headers</dt>
      <dd>{names.length === 0 ? 'none' : names.join(', ')}</dd>
      {webhook.pull ? null : <SendingFacts webhook={webhook} />}
      <dt>Created</dt>
      <dd>
        <Time at={webhook.createdAt} />
      </dd>
      <dt>Changed</dt>
      <dd>
        <Time at={webhook.updatedAt} />
      </dd>
      <dt>Id</dt>
      <dd class="id">{webhook.id}</dd>
    </dl>
  )
}

/** How requests are sent. */
function SendingFacts({ webhook }: Pick<FactsProps, 'webhook'>) {
  const { failureHandling } = webhook
  return (
    <>
      <dt>Retries</dt>
      <dd>{retriesOf(failureHandling.retry)}</dd>
      {webhook.rate !== null && (
        <>
          <dt>Rate</dt>
          <dd>{rateInWords(webhook.rate)}</dd>
        </>
      )}
      {webhook.verification !== null && (
        <>
          <dt>Receiver agreed</dt>
          <dd>{webhook.verifiedAt === null ? 'not yet' : <Time at={webhook.verifiedAt} />}</dd>
        </>
      )}
      {webhook.order !== null && (
        <>
          <dt>Order</dt>
          <dd>{orderInWords(webhook.order)}</dd>
        </>
      )}
      {webhook.batch !== null && (
        <>
          <dt>Together</dt>
          <dd>{batchInWords(webhook.batch)}</dd>
        </>
      )}
      {webhook.httpSignature !== null && (
        <>
          <dt>HTTP signature</dt>
          <dd>{signatureInWords(webhook.httpSignature)}</dd>
        </>
      )}
      <dt>Given up</dt>
      <dd>{failureHandling.divert ? 'is kept, to be sent again' : 'is dropped'}</dd>
      <dt>Suspended</dt>
      <dd>
        {failureHandling.suspend === null
          ? 'never'
          : `after ${spanOf(failureHandling.suspend.afterSeconds)} of failures of ${failureHandling.suspend.afterFailures} events`}
      </dd>
      <dt>Timeout</dt>
      <dd>{failureHandling.timeoutMs.toLocaleString('en')} ms</dd>
    </>
  )
}

/** At most so many requests. */
export function rateInWords({
  perSecond,
  perMinute,
  concurrency,
}: NonNullable<WebhookResponse['rate']>): string {
  const bounds = [
    ...(perSecond === null ? [] : [`${perSecond.toLocaleString('en')} requests a second`]),
    ...(perMinute === null ? [] : [`${perMinute.toLocaleString('en')} requests a minute`]),
    ...(concurrency === null ? [] : [`${concurrency.toLocaleString('en')} under way at a time`]),
  ]
  return `at most ${bounds.join(', ')}`
}

type Retry = WebhookResponse['failureHandling']['retry']

/** The delays before each retry, in seconds. */
export function delaysOf(retry: Retry): readonly number[] {
  if (retry === null) return []
  if (retry.type === 'schedule') return retry.delaysSeconds
  const { type, intervalSeconds, attempts } = retry
  return Array.from({ length: attempts }, (_, n) =>
    type === 'linear' ? intervalSeconds : intervalSeconds * 2 ** n,
  )
}

function retriesOf(retry: Retry): string {
  const delays = delaysOf(retry)
  if (delays.length === 0) return 'none'
  const shown = delays.slice(0, 8).map(spanOf).join(', ')
  return `after ${shown}${delays.length > 8 ? `, … (${delays.length} in all)` : ''}`
}
