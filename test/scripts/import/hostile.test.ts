// A server that is moved from and means harm, or is out of order: what it says comes to a terminal.

import { describe, expect, it } from 'vitest'
import { openDeployment, runBetween, type Server } from './deployments.ts'

const FORGED = 'a\u001b[2J\u009b1A\u202e\r\nApplied.\n  created  application forged'
const SHOWN = 'a\\u001b[2J\\u009b1A\\u202e\\u000d\\u000aApplied.\\u000a'
const CONTROLS = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

const end = (data: readonly unknown[]) => ({ data, iterator: null, prevIterator: null, done: true })

/** A server of Svix's API with these answers; all other lists are empty. */
function answering(answers: Readonly<Record<string, unknown>>): Server {
  return {
    ...{ url: 'https://svix.test', token: 'testsk_SECRET/1' },
    fetch: async (url) => {
      const path = new URL(url).pathname.replace('/api/v1', '')
      const answer = Object.hasOwn(answers, path) ? answers[path] : end([])
      return answer instanceof Response ? answer.clone() : Response.json(answer)
    },
  }
}

const run = async (answers: Readonly<Record<string, unknown>>, ...flags: readonly string[]) =>
  runBetween(answering(answers), await openDeployment('https://hookline.test'), flags)

const application = { id: 'app_1', uid: 'one', name: 'One' }
const failing = (status: number, detail: string) => Response.json({ code: 'x', detail }, { status })

describe('what another server wrote is shown, and neither obeyed nor taken for a line of the report', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['the name of an event type', { '/event-type': end([{ name: FORGED }]) }],
    ['a feature flag', { '/event-type': end([{ name: 'a', featureFlags: ['x', FORGED] }]) }],
    ['a version', { '/event-type': end([{ name: 'a', schemas: { [FORGED]: {} } }]) }],
    ['the uid of an application', { '/app': end([{ ...application, uid: FORGED }]) }],
    [
      'an integration',
      { '/app': end([application]), '/app/app_1/integration': end([{ name: FORGED }]) },
    ],
    ['an error', { '/app': failing(403, FORGED) }],
  ])('%s', async (_, answers) => {
    const { text, told } = await run(answers)
    expect(text).toContain(SHOWN)
    expect(text).not.toMatch(CONTROLS)
    expect(text.split('\n')).not.toContain('Applied.')
    expect(told.join('')).not.toMatch(CONTROLS)
  })

  it('the place that it redirects to', async () => {
    const headers = { location: 'https://elsewhere.test/\u009b2J' }
    const { text } = await run({ '/app': new Response(null, { status: 301, headers }) })
    expect(text).toContain('its API is at https://elsewhere.test/\\u009b2J')
  })

  it('programs get it as JSON', async () => {
    const { text } = await run({ '/event-type': end([{ name: FORGED }]) }, '--json')
    expect(JSON.parse(text)).toMatchObject({ items: [{ name: FORGED, action: 'leave' }] })
  })
})

describe('an event type that no path leads to', () => {
  it.each(['.', '..'])('%s is left out and named, and the move goes on', async (name) => {
    const types = end([{ name }, { name: 'ok.one' }])
    const endpoint = { id: 'ep_1', url: 'https://one.example/', eventTypes: [name] }
    const answers = {
      ...{ '/event-type': types, '/app': end([application]) },
      '/app/app_1/endpoint': end([endpoint]),
      '/app/app_1/endpoint/ep_1/secret': { key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      '/app/app_1/endpoint/ep_1/headers': { headers: {} },
    }
    const { code, text, writes } = await run(answers, '--apply')
    expect(code, text).toBe(2)
    expect(text).toContain(`  event type ${name}: May not be "." or ".."`)
    expect(text).toMatch(/ {2}endpoint .*: /)
    expect(writes).toEqual(['PUT /api/v1/event-type/ok.one', 'POST /api/v1/app'])
  })
})

describe('a token that a server repeats', () => {
  it.each([[[]], [['--json']]])('is not in the report (%j)', async (flags) => {
    const detail = 'the token testsk_SECRET/1 is not known, ?token=testsk_SECRET%2F1'
    const { code, text } = await run({ '/app': failing(401, detail) }, ...flags)
    expect(code).toBe(1)
    expect(text).toContain('the token [token] is not known, ?token=[token]')
    expect(text).not.toContain('testsk_SECRET')
  })
})
