// How pages present themselves, by who they are for: the console to whoever runs the deployment, the portal to a customer of theirs. One
// set of pages; what differs is here.

import type { PortalSettings } from '../http/surface.ts'
import type { Problem } from '../http/v1.ts'
import type { ConsoleContext } from './context.ts'

type Tab = readonly [name: string, text: string, path: string]

export interface Presentation {
  /** Where the pages are mounted. */
  readonly base: '/console' | '/portal'
  /** Which pages they are, as the audit says. */
  readonly pages: 'console' | 'portal'
  /** What the pages are called. */
  readonly name: string
  /** Null: the mark of the pages' own. */
  readonly logoUrl: string | null
  /** Pages below a tenant. */
  readonly tabs: readonly Tab[]
  /** What only whoever runs the deployment asks for. */
  readonly showsInternals: boolean
  /** What events are called that were given up. */
  readonly undelivered: string
  /** Statuses that have another word here. */
  readonly statuses: Readonly<Record<string, string>>
  /** A sentence of the API, as it is said here. */
  readonly say: (sentence: string) => string
  /** What is shown where the API, or a page, refused. */
  readonly refusal: (problem: Pick<Problem, 'status' | 'title' | 'detail'>) => {
    readonly title: string
    readonly detail: string
  }
  /** Origins whose pages may hold these in a frame. */
  readonly frameOrigins: readonly string[]
}

const consolePresentation: Presentation = {
  base: '/console',
  pages: 'console',
  name: 'Hookline',
  logoUrl: null,
  tabs: [
    ['overview', 'Overview', ''],
    ['webhooks', 'Webhooks', '/webhooks'],
    ['events', 'Events', '/events'],
    ['types', 'Event types', '/event-types'],
    ['live', 'Live', '/live'],
    ['jobs', 'Jobs', '/jobs'],
    ['audit', 'Audit', '/audit'],
  ],
  showsInternals: true,
  undelivered: 'Diverted events',
  statuses: {},
  say: (sentence) => sentence,
  refusal: ({ title, detail }) => ({ title, detail }),
  frameOrigins: [],
}

/** Refusals of which a customer learns nothing but this. */
const REFUSALS: Readonly<Record<number, readonly [title: string, detail: string]>> = {
  401: ['Your access has ended', 'Ask for a new link where you got this one.'],
  403: [
    'Not possible',
    'Your access does not include this. If the page was open for long, reload it and try again.',
  ],
  404: ['Not found', 'This is not there, or not any more.'],
  413: ['Too large', 'What was sent is too large.'],
  429: ['Too many requests', 'Wait a minute and try again.'],
}

const ABOUT_INPUT: readonly number[] = [400, 409, 422]

/** Words of the deployment, and those that a customer knows. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/the user agent Hookline/gi, 'the user agent of these webhooks'],
  [/The target policy of Hookline forbids/g, 'The sender’s rules forbid'],
  [/\bHookline(?:’s|'s)?/g, 'the sender'],
  [/\b(this|the|a) tenant\b/gi, '$1 account'],
  [/\btenants?\b/gi, 'account'],
  [/\boperators?\b/gi, 'sender'],
  [/\bdiverted\b/g, 'kept'],
  [/^the sender/, 'The sender'],
  [/([.!?] )the sender/g, '$1The sender'],
]

function sayToCustomer(sentence: string): string {
  return WORDS.reduce((said, [word, known]) => said.replace(word, known), sentence)
}

/** The pages of customers, as the deployment's settings have them. */
function portalPresentation({ name, logoUrl, frameOrigins }: PortalSettings): Presentation {
  return {
    base: '/portal',
    pages: 'portal',
    name,
    logoUrl,
    tabs: [
      ['webhooks', 'Webhooks', '/webhooks'],
      ['events', 'Events', '/events'],
      ['types', 'Event types', '/event-types'],
    ],
    showsInternals: false,
    undelivered: 'Undelivered events',
    statuses: {
      diverted: 'not delivered',
      dropped: 'not delivered',
      unsendable: 'not delivered',
      filtered: 'left out',
      held: 'waiting',
      pending: 'waiting',
    },
    say: sayToCustomer,
    refusal({ status, detail }) {
      const [title, why] = REFUSALS[status] ?? []
      if (title !== undefined && why !== undefined) return { title, detail: why }
      if (ABOUT_INPUT.includes(status)) {
        return { title: 'This did not work', detail: sayToCustomer(detail) }
      }
      return { title: 'This did not work', detail: 'Try again later.' }
    },
    frameOrigins,
  }
}

/** By the request. */
const presented = new WeakMap<Request, Presentation>()

/** As whom the pages of this request present themselves: the console, unless it was said. */
export function presentationOf(c: ConsoleContext): Presentation {
  return presented.get(c.req.raw) ?? consolePresentation
}

export function presentAsPortal(c: ConsoleContext): void {
  presented.set(c.req.raw, portalPresentation(c.env.portal))
}
