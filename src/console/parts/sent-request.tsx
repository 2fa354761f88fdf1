// The request of an attempt as it was sent, and a command that sends it again.

import type { SentRequestResponse } from '../../api/schema/sent-request.ts'
import { Refusal } from '../../http/v1.ts'
import { MASK } from '../../primitives/mask.ts'
import type { ConsoleContext } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { Card, Code, Note, Time } from './elements.tsx'

/** Why there is nothing to show, as a sentence. */
interface WhyNot {
  readonly why: string
}

/** What was asked for, or the words in which it was refused: the rest of the page stands. */
export async function orWhyNot<Part>(part: Promise<Part>): Promise<Part | WhyNot> {
  try {
    return await part
  } catch (error) {
    if (
      !(error instanceof Refusal) ||
      (error.problem.status >= 500 && error.problem.status !== 503)
    )
      throw error
    return { why: error.problem.detail }
  }
}

/** A page has the body twice, and is to stay small. */
const SHOWN_CHARS = 8_000

/** Customers are told nothing of what sends it, which its user agent names. */
function forReader(c: ConsoleContext, { headers, curl }: SentRequestResponse) {
  if (presentationOf(c).showsInternals) return { headers, curl }
  // No line of the body begins so: within a shell's quotes a ' is written '\''.
  const isAgent = (line: string) => line.startsWith("  -H 'user-agent: ")
  return {
    headers: headers.filter(({ name }) => name !== 'user-agent'),
    curl: curl
      .split('\n')
      .filter((line) => !isAgent(line))
      .join('\n'),
  }
}

export function SentRequestCard({ c, request }: CardProps) {
  const { say } = presentationOf(c)
  if ('why' in request) {
    return (
      <Card title="The request as sent">
        <div class="body">
          <p class="quiet">{say(request.why)}</p>
        </div>
      </Card>
    )
  }
  const { method, url, body, signed, webhookChangedAt } = request
  const { headers, curl } = forReader(c, request)
  const hasMasked = headers.some(({ value }) => value === MASK)
  const isLong = body.length > SHOWN_CHARS
  return (
    <Card title="The request as sent">
      <div class="body">
        {webhookChangedAt === null ? (
          <p class="small quiet">Put together again from the event and the webhook.</p>
        ) : (
          <Note tone="warn">
            The webhook was changed after this attempt, last on <Time at={webhookChangedAt} />. This
            is the request as it would be made today; its URL, headers and signature may have been
            others.
          </Note>
        )}
        <Code
          id="request"
          text={[`${method} ${url}`, ...headers.map(({ name, value }) => `${name}: ${value}`)].join(
            '\n',
          )}
        />
        {hasMasked && <p class="small quiet">What is secret is shown as {MASK}.</p>}
        <h3>Body</h3>
        <Code id="request-body" text={isLong ? `${body.slice(0, SHOWN_CHARS)}…` : body} />
        {isLong ? (
          <p class="small quiet">
            That is its beginning: it has {body.length.toLocaleString('en')} characters. The page of
            the event has all of its data.
          </p>
        ) : (
          <details class="more">
            <summary>Send it again from a shell, with curl</summary>
            <p class="small quiet">
              {signed
                ? 'Signed with the time at which this page was made: most receivers take it for five minutes.'
                : 'Not signed: that takes the permission to change webhooks, and a webhook that signs.'}
              {hasMasked && ` Put what ${MASK} stands for in its place first.`}
            </p>
            <Code id="curl" text={curl} />
          </details>
        )}
      </div>
    </Card>
  )
}

interface CardProps {
  readonly c: ConsoleContext
  readonly request: SentRequestResponse | WhyNot
}
