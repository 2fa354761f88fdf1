// The frame of every page.

import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { SignedIn } from '../../engine/model/index.ts'
import { assetsOf } from '../assets/assets.ts'
import { type ConsoleContext, may, visitOf } from '../context.ts'
import { presentationOf } from '../presentation.ts'

/** A tenant as the frame names it. */
export interface ShownTenant {
  readonly id: string
  readonly name: string
  /** Where its pages begin, where that does not name it. */
  readonly path?: string
  /** Where its notices go, for who may know. */
  readonly noticeEmail?: string | null
  readonly noticeEmailConfirmed?: boolean
}

interface DocumentProps {
  readonly c: ConsoleContext
  readonly title: string
  readonly children: Child
}

/** A page of which nothing is anybody's. */
export function Document({ c, title, children }: DocumentProps) {
  const assets = assetsOf(c)
  return (
    <>
      {raw('<!DOCTYPE html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>
            {title} · {presentationOf(c).name}
          </title>
          <link rel="stylesheet" href={assets.style} />
          {assets.brand !== null && <link rel="stylesheet" href={assets.brand} />}
          <link rel="icon" href={assets.icon} type="image/svg+xml" />
          <script src={assets.script} defer />
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

type Tab = 'overview' | 'webhooks' | 'events' | 'types' | 'live' | 'jobs' | 'audit' | 'tenants'

interface PageProps extends DocumentProps {
  readonly tenant?: ShownTenant
  readonly tab?: Tab
}

/** A page of somebody who is signed in. */
export function Page({ c, title, tenant, tab, children }: PageProps) {
  const { signedIn } = visitOf(c)
  const { base, tabs, showsInternals } = presentationOf(c)
  const isOfOne = signedIn !== 'administrator' && signedIn.kind === 'tenant'
  return (
    <Document c={c} title={title}>
      <header class="top">
        <div>
          <Brand c={c} />
          {showsInternals && (
            <span class="where">
              {!isOfOne && <a href={`${base}/tenants`}>Tenants</a>}
              {!isOfOne && tenant && ' / '}
              {tenant?.name}
            </span>
          )}
          <div class="who">
            <a href={`${base}/session`}>{showsInternals ? nameOf(signedIn) : 'Your access'}</a>
            <form method="post" action={`${base}/sign-out`}>
              <FormToken c={c} />
              <button type="submit">Sign out</button>
            </form>
          </div>
        </div>
        {tenant && (
          <nav class="tabs" aria-label="Pages">
            {tabs
              .filter(([name]) => name !== 'audit' || mayAudit(c))
              .map(([name, text, path]) => (
                <a
                  href={`${pathOf(tenant)}${path}`}
                  aria-current={name === tab ? 'page' : undefined}
                >
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

/** Whether whoever is signed in may see what was changed. */
export function mayAudit(c: ConsoleContext): boolean {
  return visitOf(c).signedIn === 'administrator' || may(c, 'audit:read')
}

/** Whose pages these are. */
export function Brand({ c }: { readonly c: ConsoleContext }) {
  const { base, name, logoUrl, showsInternals } = presentationOf(c)
  return (
    <a class="brand" href={base}>
      {showsInternals && <Mark />}
      {logoUrl !== null && <img src={logoUrl} alt="" />} {name}
    </a>
  )
}

/** Where the pages of a tenant begin. */
export function pathOf({ id, path }: Pick<ShownTenant, 'id' | 'path'>): string {
  return path ?? `/console/tenants/${id}`
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
