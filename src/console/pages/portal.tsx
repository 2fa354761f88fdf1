// What opens the portal, and what somebody sees there of their own access.

import { Hono } from 'hono'
import { capabilitiesOf } from '../../engine/model/index.ts'
import { authorOf } from '../../http/author.ts'
import { type ConsoleContext, type ConsoleEnv, visitOf } from '../context.ts'
import { Card, Heading, Time } from '../parts/elements.tsx'
import { Brand, Document, FormToken, Page } from '../parts/layout.tsx'
import { forgetCookie, readForm, setCookieOf } from '../session.ts'

const HOME = '/portal/webhooks'

interface NoticeProps {
  readonly c: ConsoleContext
  readonly title: string
  readonly text: string
  /** Where a button leads that uses up the link. */
  readonly to?: string
  /** What that says. */
  readonly button?: string
}

/** A page of nobody, with one thing to say. */
function Notice({ c, title, text, to, button = 'Open' }: NoticeProps) {
  return (
    <Document c={c} title={title}>
      <main id="main">
        <section class="card sign-in">
          <div class="body">
            <div class="brand-line">
              <Brand c={c} />
            </div>
            <h1>{title}</h1>
            <p class="quiet">{text}</p>
            {to !== undefined && (
              <form method="post" action={to}>
                <button type="submit" class="main wide">
                  {button}
                </button>
              </form>
            )}
          </div>
        </section>
      </main>
    </Document>
  )
}

/** Why a link opens nothing, which is all that is said of it. */
const CLOSED = {
  used: ['This link was used already', 'It opens once. Ask for a new one where you got it.'],
  expired: ['This link has expired', 'Ask for a new one where you got it.'],
  unknown: ['This link does not work', 'It may have been withdrawn. Ask for a new one.'],
  noticeless: [
    'This link does not work',
    'It may have been used already: then your address is confirmed. Or the address was changed since.',
  ],
} as const

function closed(c: ConsoleContext, state: keyof typeof CLOSED) {
  const [title, text] = CLOSED[state]
  return c.html(<Notice c={c} title={title} text={text} />, 410)
}

/** What needs no session: the page of a link, which uses nothing up, and its button, which does. */
export const portalLinkPages = new Hono<ConsoleEnv>()
  .get('/open/:code', async (c) => {
    const code = c.req.param('code')
    const state = await c.env.engine.portalLinks.look(code)
    if (state !== 'usable') return closed(c, state)
    const text = 'The link opens once, in this browser. You stay signed in for a working day.'
    const to = `/portal/open/${code}`
    return c.html(<Notice c={c} title="Manage your webhooks" text={text} to={to} />)
  })
  .post('/open/:code', async (c) => {
    const opened = await c.env.engine.portalLinks.open(c.req.param('code'))
    if (opened.state !== 'opened') return closed(c, opened.state)
    c.set('caller', opened.caller)
    await c.env.engine.audit.record({ ...authorOf(c), via: 'portal' })
    await setCookieOf(c, opened.begun)
    return c.redirect(HOME, 303)
  })
  .get('/notices/:code', async (c) => {
    const code = c.req.param('code')
    const address = await c.env.engine.notices.look(code)
    if (address === null) return closed(c, 'noticeless')
    const text = `Once you confirm it, ${address} gets e-mails about webhooks that fail: at most one an hour about each.`
    const to = `/portal/notices/${code}`
    const words = { title: 'Get notices about your webhooks', text, to, button: 'Confirm' }
    return c.html(<Notice c={c} {...words} />)
  })
  .post('/notices/:code', async (c) => {
    if (!(await c.env.engine.notices.confirm(c.req.param('code')))) return closed(c, 'noticeless')
    const text = 'Notices are sent to your address from now on. You can close this page.'
    return c.html(<Notice c={c} title="Your address is confirmed" text={text} />)
  })
  .get('/signed-out', (c) =>
    c.html(<Notice c={c} title="You are signed out" text="Another link lets you in again." />),
  )

/** What whoever has no access, or none any more, sees of every page. */
export function askForLink(c: ConsoleContext) {
  const text = 'Open these pages with a link from the product that you use.'
  return c.html(<Notice c={c} title="You are not signed in" text={text} />, 401)
}

const CAPABILITIES = {
  view: 'see webhooks, attempts, events and event types',
  'manage-webhooks': 'create, change, test and delete webhooks',
  'rotate-secrets': 'replace the secrets that sign requests',
  'resend-events': 'send events again that were not delivered',
  'read-secrets': 'see the secrets that sign requests',
} as const

export const portalPages = new Hono<ConsoleEnv>()
  .get('/', (c) => c.redirect(HOME, 303))
  .get('/session', (c) => {
    const { session, signedIn } = visitOf(c)
    const permissions = signedIn === 'administrator' ? [] : signedIn.permissions
    const isoOf = (at: number) => new Date(at).toISOString()
    return c.html(
      <Page c={c} title="Your access" tenant={{ id: '', name: '', path: '/portal' }}>
        <Heading>Your access</Heading>
        <Card title="Signed in">
          <div class="body">
            <dl class="facts">
              <dt>Since</dt>
              <dd>
                <Time at={isoOf(session.createdAt)} />
              </dd>
              <dt>Until at most</dt>
              <dd>
                <Time at={isoOf(session.expiresAt)} />
              </dd>
              <dt>You may</dt>
              <dd>
                {capabilitiesOf(permissions).map((name) => (
                  <div>{CAPABILITIES[name]}</div>
                ))}
              </dd>
            </dl>
          </div>
        </Card>
        <form method="post" action="/portal/sign-out">
          <FormToken c={c} />
          <button type="submit" class="danger">
            Sign out
          </button>
        </form>
      </Page>,
    )
  })
  .post('/sign-out', async (c) => {
    await readForm(c)
    await c.env.engine.sessions.end(visitOf(c).session.id)
    forgetCookie(c)
    return c.redirect('/portal/signed-out', 303)
  })
