// The small things of which pages are made.

import type { Child } from 'hono/jsx'
import type { WebhookResponse } from '../../api/schema/webhook.ts'
import type { ConsoleContext } from '../context.ts'
import { FormToken } from './layout.tsx'

/** A time: in UTC as it comes, in the reader's zone where a script runs, exact on hover. */
export function Time({ at, none = '–' }: { readonly at: string | null; readonly none?: string }) {
  if (at === null) return <span class="quiet">{none}</span>
  const text = `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`
  return (
    <time datetime={at} title={at} class="nowrap">
      {text}
    </time>
  )
}

const TONES: Readonly<Record<string, 'good' | 'bad' | 'warn' | ''>> = {
  active: 'good',
  delivered: 'good',
  done: 'good',
  ok: 'good',
  failed: 'bad',
  suspended: 'bad',
  diverted: 'bad',
  unsendable: 'bad',
  dropped: 'bad',
  degraded: 'bad',
  failing: 'warn',
  held: 'warn',
  paused: 'warn',
  unverified: 'warn',
  pending: 'warn',
  scheduled: 'warn',
  running: 'warn',
}

/** A status, in words, and in a colour beside. `says`: the word for it here. */
export function Badge({ status, says }: BadgeProps) {
  return <span class={`badge ${TONES[status] ?? ''}`}>{says ?? status}</span>
}

/** The status of a webhook, and why its events wait though it is active. */
export function WebhookBadges({
  webhook: { status, paused, verification, verifiedAt },
}: {
  readonly webhook: Pick<WebhookResponse, 'status' | 'paused' | 'verification' | 'verifiedAt'>
}) {
  return (
    <>
      <Badge status={status} />
      {paused && (
        <>
          {' '}
          <Badge status="paused" />
        </>
      )}
      {verification !== null && verifiedAt === null && (
        <>
          {' '}
          <Badge status="unverified" />
        </>
      )}
    </>
  )
}

interface BadgeProps {
  readonly status: string
  readonly says?: string | undefined
}

interface CardProps {
  /** Where links lead to it. */
  readonly id?: string
  readonly title: Child
  readonly actions?: Child
  readonly children: Child
}

/** A part of a page under a heading of its own. */
export function Card({ id, title, actions, children }: CardProps) {
  return (
    <section class="card" id={id}>
      <header>
        <h2>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  )
}

/** A figure under its name. */
export function Tile({ name, value }: { readonly name: string; readonly value: string | number }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{typeof value === 'number' ? value.toLocaleString('en') : value}</dd>
    </div>
  )
}

interface HeadingProps {
  readonly back?: { readonly href: string; readonly text: string }
  readonly actions?: Child
  readonly children: Child
}

export function Heading({ back, actions, children }: HeadingProps) {
  return (
    <>
      {back && (
        <a class="back" href={back.href}>
          ← {back.text}
        </a>
      )}
      <div class="heading">
        <h1>{children}</h1>
        {actions && <div class="actions">{actions}</div>}
      </div>
    </>
  )
}

/** What a list says that has nothing: what to do next, with a command that works as it stands. */
export function Empty({
  says,
  command,
}: {
  readonly says: Child
  readonly command?: string | undefined
}) {
  return (
    <div class="empty">
      <p class="quiet">{says}</p>
      {command && (
        <>
          <Code id="command" text={command} />
          <p class="quiet small">
            In place of <code>$TOKEN</code>, or as its value: the credential that you signed in
            with.
          </p>
        </>
      )}
    </div>
  )
}

/** A text as it is, to be copied. */
export function Code({ id, text }: { readonly id: string; readonly text: string }) {
  return (
    <>
      {/* Keyboards scroll what has the focus. */}
      <pre id={id} tabindex={0}>
        {text}
      </pre>
      <button type="button" class="plain small" data-copy={id} hidden>
        Copy
      </button>
    </>
  )
}

/** What stands between backticks as code. */
export function withCode(text: string) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))
}

export function Note({ tone, children }: { readonly tone: string; readonly children: Child }) {
  return (
    <div class={`note ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

interface ActionProps {
  readonly c: ConsoleContext
  readonly to: string
  readonly text: string
  readonly tone?: 'main' | 'danger' | ''
  readonly fields?: Readonly<Record<string, string>>
}

/** A button that does something at once. */
export function Action({ c, to, text, tone = '', fields = {} }: ActionProps) {
  return (
    <form method="post" action={to}>
      <FormToken c={c} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={tone}>
        {text}
      </button>
    </form>
  )
}

/** The same, which asks first. */
export function AskFirst({ question, ...action }: ActionProps & { readonly question: string }) {
  return (
    <details class={`ask ${action.tone ?? ''}`}>
      <summary>{action.text}…</summary>
      <div>
        <p>{question}</p>
        <Action {...action} />
      </div>
    </details>
  )
}

/** From a page of a list to the next; the query that is kept. */
export function Pager({
  path,
  query,
  next,
}: {
  readonly path: string
  readonly query: URLSearchParams
  readonly next: string | null
}) {
  const isFirst = !query.has('cursor')
  if (isFirst && next === null) return null
  const first = new URLSearchParams(query)
  first.delete('cursor')
  const following = new URLSearchParams(query)
  if (next !== null) following.set('cursor', next)
  return (
    <nav class="pager" aria-label="Pages">
      {!isFirst && <a href={`${path}?${first}`}>First page</a>}
      {next !== null && (
        <a href={`${path}?${following}`} rel="next">
          Next page
        </a>
      )}
    </nav>
  )
}
