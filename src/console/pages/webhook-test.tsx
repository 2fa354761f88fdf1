// A test event, and what came back.

import { Hono } from 'hono'
import { AttemptResponse } from '../../api/schema/attempt.ts'
import { invalid } from '../../errors.ts'
import { type ConsoleEnv, visitOf } from '../context.ts'
import { DiagnosisNote } from '../parts/attempts.tsx'
import { Badge, Code, Heading, Note } from '../parts/elements.tsx'
import { Page } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { readForm } from '../session.ts'
import { findWebhookPlace } from '../tenant.ts'

export const webhookTestPages = new Hono<ConsoleEnv>().post(
  '/webhooks/:webhook/test',
  async (c) => {
    const { tenant, api, path } = await findWebhookPlace(c)
    const form = await readForm(c)
    const type = (form.get('type') ?? '').trim()
    const data = (form.get('data') ?? '').trim()
    const parts = [
      ...(type === '' ? [] : [`"type":${JSON.stringify(type)}`]),
      // As it was typed, so that its numbers stay what they are.
      ...(data === '' ? [] : [`"data":${checked(data)}`]),
    ]
    const attempt = await visitOf(c).v1.send(
      'POST',
      `${api}/test`,
      `{${parts.join(',')}}`,
      AttemptResponse,
    )
    return c.html(
      <Page c={c} title="The test" tenant={tenant} tab="webhooks">
        <Heading back={{ href: path, text: 'The webhook' }}>
          The test was <Badge status={attempt.outcome} />
        </Heading>
        <p>
          {attempt.statusCode === null
            ? presentationOf(c).say(attempt.error ?? '')
            : `The receiver answered ${attempt.statusCode} after ${Math.round(attempt.durationMs)} ms.`}
        </p>
        {attempt.diagnosis && <DiagnosisNote c={c} diagnosis={attempt.diagnosis} />}
        {attempt.responseExcerpt && (
          <section class="card">
            <header>
              <h2>What it answered</h2>
            </header>
            <div class="body">
              <Code id="answer" text={attempt.responseExcerpt} />
            </div>
          </section>
        )}
        <Note tone="">A test is not retried, and not among the attempts.</Note>
      </Page>,
    )
  },
)

/** JSON that is one value, so that it cannot be more of the request than its data. Throws `invalid`. */
function checked(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    throw invalid(['data'], 'Expected JSON.')
  }
}
