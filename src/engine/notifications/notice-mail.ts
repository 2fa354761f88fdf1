// The mails about a tenant's webhooks, in words: no payload, no secret, and of a URL only its host.

import { oneLine } from '../../primitives/one-line.ts'
import type { Webhook } from '../model/index.ts'
import type { MailMessage, WaitingNotice } from '../ports/index.ts'

const SUBJECT_CHARS = 120

const inWords = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** The mail about what happened to one webhook since the last one. */
export function toNoticeMail(
  notices: readonly WaitingNotice[],
  {
    webhook,
    tenantName,
    to,
    origin,
  }: {
    readonly webhook: Pick<Webhook, 'id' | 'url'>
    readonly tenantName: string
    readonly to: string
    readonly origin: string
  },
): MailMessage {
  const host = URL.parse(webhook.url)?.host ?? webhook.id
  const inOrder = notices.toSorted((a, b) => a.at - b.at)
  const [gravest] = ORDER.filter((kind) => notices.some((one) => one.kind === kind))
  const text = [
    `Your webhook at ${host} (${webhook.id}):`,
    '',
    ...inOrder.map((notice) => `- ${SENTENCES[notice.kind](notice)}`),
    '',
    'Attempts, reasons and what to do about them:',
    `${origin}/portal/webhooks/${webhook.id}`,
    '',
    `This address gets the notices of ${oneLine(tenantName)}: at most one mail an hour about each webhook.`,
    '',
  ]
  const subject = `Webhook at ${host} ${gravest ? HEADLINES[gravest] : 'has news'}`
  return { to, subject: oneLine(subject).slice(0, SUBJECT_CHARS), text: text.join('\n') }
}

const ORDER = [
  'webhook.suspended',
  'webhook.failing',
  'webhook.exhausted',
  'webhook.resumed',
] as const

const HEADLINES = {
  'webhook.suspended': 'was suspended',
  'webhook.failing': 'keeps failing',
  'webhook.exhausted': 'did not get some events',
  'webhook.resumed': 'was resumed',
} as const satisfies Record<WaitingNotice['kind'], string>

const because = ({ cause }: WaitingNotice) => (cause === null ? '' : ` Cause: ${cause}.`)

const SENTENCES = {
  'webhook.failing': (notice) => {
    const { failingSince, suspendsAt, at } = notice
    const until =
      suspendsAt === null
        ? ''
        : ` It will be suspended at ${inWords(suspendsAt)} unless a delivery succeeds before then.`
    return `It has been failing since ${inWords(failingSince ?? at)}.${until}${because(notice)}`
  },
  'webhook.suspended': (notice) =>
    `It was suspended at ${inWords(notice.at)}: nothing is sent until somebody resumes it.${because(notice)}`,
  'webhook.resumed': ({ at }) => `It was resumed at ${inWords(at)}: new events are sent again.`,
  'webhook.exhausted': (notice) => {
    const { count, firstAt, at } = notice
    if (count === 1) return `An event was given up at ${inWords(at)}.${because(notice)}`
    return `${count} events were given up from ${inWords(firstAt)} to ${inWords(at)}.${because(notice)}`
  },
} as const satisfies Record<WaitingNotice['kind'], (notice: WaitingNotice) => string>
