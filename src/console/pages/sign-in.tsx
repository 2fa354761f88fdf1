// Signing in with a credential, and out again.

import { Hono } from 'hono'
import type { SignedIn } from '../../engine/model/index.ts'
import { signInWith } from '../../http/auth.ts'
import { type ConsoleContext, type ConsoleEnv, findVisit, visitOf } from '../context.ts'
import { Card, Heading, Note, Time } from '../parts/elements.tsx'
import { TextField } from '../parts/fields.tsx'
import { Document, FormToken, Page } from '../parts/layout.tsx'
import { type Presentation, presentationOf } from '../presentation.ts'
import { beginSession, forgetCookie, presentSession, readFields, readForm } from '../session.ts'

interface SignInProps {
  readonly c: ConsoleContext
  readonly next: string
  readonly wrong?: string
}

function SignIn({ c, next, wrong }: SignInProps) {
  return (
    <Document c={c} title="Sign in">
      <main id="main">
        <section class="card sign-in">
          <div class="body">
            <h1>Sign in to Hookline</h1>
            <p class="quiet">
              With an operator key, the key of a tenant, or the administrator’s token.
            </p>
            <form method="post" action="/console/sign-in">
              <input type="hidden" name="next" value={next} />
              <TextField
                name="credential"
                label="Credential"
                type="password"
                required
                wrong={wrong}
              />
              <button type="submit" class="main">
                Sign in
              </button>
            </form>
            <p class="quiet small below">
              No credential is needed to read the <a href="/docs">API reference</a>.
            </p>
          </div>
        </section>
      </main>
    </Document>
  )
}

/** Only a page of ours is gone to afterwards. */
function nextOf(text: string | null): string {
  const here = 'https://here.invalid'
  const url = URL.parse(text ?? '', here)
  const isOurs = url?.origin === here && /^\/console(?:\/|$)/.test(url.pathname)
  return isOurs ? `${url.pathname}${url.search}` : '/console'
}

/** A customer has the portal: the token of a link's key opens no page that says more. */
async function isOfCustomer(c: ConsoleContext, signedIn: SignedIn): Promise<boolean> {
  if (signedIn === 'administrator' || signedIn.kind === 'operator') return false
  return c.env.engine.portalLinks.isOfLink(signedIn.id)
}

/** What needs no session: signing in. */
export const signInPages = new Hono<ConsoleEnv>()
  .get('/sign-in', async (c) => {
    const next = nextOf(c.req.query('next') ?? null)
    if ((await presentSession(c)) !== null) return c.redirect(next, 303)
    return c.html(<SignIn c={c} next={next} />)
  })
  .post('/sign-in', async (c) => {
    const form = await readFields(c)
    const next = nextOf(form.get('next'))
    const signedIn = await signInWith((form.get('credential') ?? '').trim(), c)
    if (signedIn === null || (await isOfCustomer(c, signedIn))) {
      return c.html(
        <SignIn c={c} next={next} wrong="The credential is invalid, revoked or expired." />,
        401,
      )
    }
    await beginSession(c, signedIn)
    return c.redirect(next, 303)
  })

function SessionPage({ c }: { readonly c: ConsoleContext }) {
  const signedIn = visitOf(c).signedIn
  const { createdAt, expiresAt } = visitOf(c).session
  const permissions = signedIn === 'administrator' ? [] : signedIn.permissions
  return (
    <Page c={c} title="Your session">
      <Heading>Your session</Heading>
      <Card title="Signed in">
        <div class="body">
          <dl class="facts">
            <dt>With</dt>
            <dd>
              {signedIn === 'administrator' ? (
                'the administrator’s token'
              ) : (
                <>
                  key <span class="id">{signedIn.id}</span>
                </>
              )}
            </dd>
            <dt>Since</dt>
            <dd>
              <Time at={new Date(createdAt).toISOString()} />
            </dd>
            <dt>Until</dt>
            <dd>
              <Time at={new Date(expiresAt).toISOString()} />
            </dd>
            <dt>May</dt>
            <dd>
              {signedIn === 'administrator'
                ? 'manage tenants, keys and operator keys; see no webhook'
                : permissions.join(', ')}
            </dd>
          </dl>
        </div>
      </Card>
      <form method="post" action="/console/sign-out-everywhere">
        <FormToken c={c} />
        <button type="submit" class="danger">
          Sign out everywhere
        </button>
        <p class="quiet small">Ends all sessions of this credential. It takes up to 5 seconds.</p>
      </form>
    </Page>
  )
}

export const sessionPages = new Hono<ConsoleEnv>()
  .get('/', (c) => {
    const signedIn = visitOf(c).signedIn
    const tenantId = signedIn === 'administrator' ? null : signedIn.tenantId
    return c.redirect(tenantId === null ? '/console/tenants' : `/console/tenants/${tenantId}`, 303)
  })
  .get('/session', (c) => c.html(<SessionPage c={c} />))
  .post('/sign-out', async (c) => {
    await readForm(c)
    await c.env.engine.sessions.end(visitOf(c).session.id)
    forgetCookie(c)
    return c.redirect('/console/sign-in', 303)
  })
  .post('/sign-out-everywhere', async (c) => {
    await readForm(c)
    await c.env.engine.sessions.endAll(visitOf(c).session)
    forgetCookie(c)
    return c.redirect('/console/sign-in', 303)
  })

/** Leads whoever is not signed in to do that, and from there to where this was. */
export function askToSignIn(c: ConsoleContext): Response {
  const { pathname, search } = new URL(c.req.url)
  const isRead = c.req.method === 'GET' && pathname !== '/console'
  const after = isRead ? `?next=${encodeURIComponent(`${pathname}${search}`)}` : ''
  return c.redirect(`/console/sign-in${after}`, 303)
}

/** A page that says why there is none. */
export function refusalPage(c: ConsoleContext, problem: Parameters<Presentation['refusal']>[0]) {
  const { title, detail } = presentationOf(c).refusal(problem)
  const body = (
    <>
      <Heading>{title}</Heading>
      <Note tone="bad">{detail}</Note>
    </>
  )
  // Before a session was found there is nobody to greet.
  return findVisit(c) !== null ? (
    <Page c={c} title={title}>
      {body}
    </Page>
  ) : (
    <Document c={c} title={title}>
      <main id="main">{body}</main>
    </Document>
  )
}
