// The frame of every page.

import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { SignedIn } from '../../engine/model/index.ts'
import { ASSETS } from '../assets/assets.ts'
import { type ConsoleContext, visitOf } from '../context.ts'

/** A tenant as the frame names it. */
export interface ShownTenant {
  readonly id: string
  readonly name: string
}

interface DocumentProps {
  readonly title: string
  readonly children: Child
}

/** A page of which nothing is anybody's. */
export function Document({ title, children }: DocumentProps) {
  return (
    <>
      {raw('<!DOCTYPE html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title} · Hookline</title>
          <link rel="stylesheet" href={ASSETS.style} />
          <link rel="icon" href={ASSETS.icon} type="image/svg+xml" />
          <script src={ASSETS.script} defer />
        </head>
        <body>
          <a class="skip" href="#main">
            Skip to the content
          </a>
          {children}
        </body>
      </html>
    </>
  )
}

type Tab = 'overview' | 'webhooks' | 'events' | 'types' | 'jobs' | 'tenants'

interface PageProps extends DocumentProps {
  readonly c: ConsoleContext
  readonly tenant?: ShownTenant
  readonly tab?: Tab
}

const TENANT_TABS = [
  ['overview', 'Overview', ''],
  ['webhooks', 'Webhooks', '/webhooks'],
  ['events', 'Events', '/events'],
  ['types', 'Event types', '/event-types'],
  ['jobs', 'Jobs', '/jobs'],
] as const

/** A page of somebody who is signed in. */
export function Page({ c, title, tenant, tab, children }: PageProps) {
  const signedIn = visitOf(c).signedIn
  const isOfOne = signedIn !== 'administrator' && signedIn.kind === 'tenant'
  return (
    <Document title={title}>
      <header class="top">
        <div>
          <a class="brand" href="/console">
            <Mark /> Hookline
          </a>
          <span class="where">
            {!isOfOne && <a href="/console/tenants">Tenants</a>}
            {!isOfOne && tenant && ' / '}
            {tenant?.name}
          </span>
          <div class="who">
            <a href="/console/session">{nameOf(signedIn)}</a>
            <form method="post" action="/console/sign-out">
              <FormToken c={c} />
              <button type="submit">Sign out</button>
            </form>
          </div>
        </div>
        {tenant && (
          <nav class="tabs" aria-label="Tenant">
            {TENANT_TABS.map(([name, text, path]) => (
              <a href={`${pathOf(tenant)}${path}`} aria-current={name === tab ? 'page' : undefined}>
                {text}
              </a>
            ))}
          </nav>
        )}
      </header>
      <main id="main">{children}</main>
    </Document>
  )
}

/** Where the pages of a tenant begin. */
export function pathOf({ id }: Pick<ShownTenant, 'id'>): string {
  return `/console/tenants/${id}`
}

/** What a form of this session carries. */
export function FormToken({ c }: { readonly c: ConsoleContext }) {
  return <input type="hidden" name="form-token" value={visitOf(c).formToken} />
}

function nameOf(signedIn: SignedIn): string {
  if (signedIn === 'administrator') return 'Administrator'
  return signedIn.kind === 'operator' ? 'Operator key' : 'Key of the tenant'
}

function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path
        d="M13 3v8.5a4.5 4.5 0 1 1-9 0V10"
        fill="none"
        stroke="currentColor"
        stroke-width="2.25"
        stroke-linecap="round"
      />
      <circle cx="13" cy="3.4" r="2.4" fill="currentColor" />
    </svg>
  )
}
