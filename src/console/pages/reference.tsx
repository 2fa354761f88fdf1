// The reference of the API, from its own description: every operation of every surface, a page or some for each tag.

import { Hono } from 'hono'
import { etag } from 'hono/etag'
import type { Child } from 'hono/jsx'
import { publicOrigin } from '../../http/public-url.ts'
import { type Api, readPublic } from '../../http/v1.ts'
import type { ConsoleContext, ConsoleEnv } from '../context.ts'
import { Card, Empty, Heading } from '../parts/elements.tsx'
import { TextField } from '../parts/fields.tsx'
import { Brand, Document } from '../parts/layout.tsx'
import { OperationCard } from '../parts/operation.tsx'
import { anchorOf, Whole } from '../parts/schema.tsx'
import { matching, toSections } from '../reference/contents.ts'
import { type Description, readDescription } from '../reference/description.ts'
import { toOutline } from '../reference/outline.ts'

const KEPT_SECONDS = 300

/** A description as it was read, with the text that it was read from. */
interface Reading {
  readonly text: string
  readonly description: Description
  readonly sections: ReturnType<typeof toSections>
}

/** `api` serves `/v1`. */
export function referencePages(api: Api): Hono<ConsoleEnv> {
  let before: Reading | null = null
  const read = async (c: ConsoleContext): Promise<Reading> => {
    const text = await readPublic(api, c, '/openapi.json')
    if (before?.text === text) return before
    const description = readDescription(text)
    before = { text, description, sections: toSections(description) }
    return before
  }
  const keep = (c: ConsoleContext) => c.header('cache-control', `public, max-age=${KEPT_SECONDS}`)
  const app = new Hono<ConsoleEnv>({ strict: false })
  app.get('/', etag(), async (c) => {
    const reading = await read(c)
    keep(c)
    return c.html(<Index c={c} {...reading} search={c.req.query('search')?.trim() ?? ''} />)
  })
  app.get('/:tag/:page{[1-9][0-9]{0,2}}?', etag(), async (c) => {
    const { tag, page = '1' } = c.req.param()
    const reading = await read(c)
    const section = reading.sections.find((one) => one.tag === tag)
    if (section?.pages[Number(page) - 1] === undefined) return c.html(<NoSuchPage c={c} />, 404)
    keep(c)
    return c.html(<TagPage c={c} {...reading} section={section} at={Number(page) - 1} />)
  })
  return app.all('*', (c) => c.html(<NoSuchPage c={c} />, 404))
}

interface FrameProps {
  readonly c: ConsoleContext
  readonly title: string
  readonly children: Child
}

function Frame({ c, title, children }: FrameProps) {
  return (
    <Document c={c} title={title}>
      <header class="top">
        <div>
          <Brand c={c} />
          <span class="where">
            <a href="/docs">API reference</a>
          </span>
          <div class="who">
            <a href="/v1/openapi.json">OpenAPI 3.1</a>
          </div>
        </div>
      </header>
      <main id="main">{children}</main>
    </Document>
  )
}

interface IndexProps extends Reading {
  readonly c: ConsoleContext
  readonly search: string
}

function Index({ c, sections, search }: IndexProps) {
  const shown = matching(sections, search)
  return (
    <Frame c={c} title="API reference">
      <Heading>API reference</Heading>
      <section class="card">
        <form class="filters last" method="get" action="/docs">
          <TextField name="search" label="Find an operation" type="search" value={search} />
          <button type="submit">Find</button>
        </form>
      </section>
      {shown.length === 0 && <Empty says={`No operation has “${search}”.`} />}
      {shown.map(({ tag, title, pages }) => (
        <Card title={<a href={`/docs/${encodeURIComponent(tag)}`}>{title}</a>}>
          <table class="stack">
            <OperationRows pages={pages} />
          </table>
        </Card>
      ))}
    </Frame>
  )
}

type Section = ReturnType<typeof toSections>[number]

function OperationRows({ pages }: Pick<Section, 'pages'>) {
  return (
    <tbody>
      {pages.flatMap(({ path: page, entries }) =>
        entries.map(({ operation: { operationId, method, path, summary } }) => (
          <tr>
            <td class="operation">
              <code>
                {method} {path}
              </code>
            </td>
            <td>
              <a href={`${page}#${operationId}`}>{summary}</a>
            </td>
          </tr>
        )),
      )}
    </tbody>
  )
}

interface TagPageProps extends Reading {
  readonly c: ConsoleContext
  readonly section: Section
  readonly at: number
}

function TagPage({ c, description: { schemaNamed }, section, at }: TagPageProps) {
  const { pages } = section
  const page = pages[at]
  const title = pages.length > 1 ? `${section.title}, ${at + 1} of ${pages.length}` : section.title
  return (
    <Frame c={c} title={title}>
      <Heading back={{ href: '/docs', text: 'All operations' }}>{title}</Heading>
      <Pages pages={pages} at={at} />
      <Card title="On this page">
        <table class="stack">
          <OperationRows pages={page ? [page] : []} />
        </table>
      </Card>
      {page?.entries.map((entry) => (
        <OperationCard {...entry} schemaNamed={schemaNamed} origin={publicOrigin(c)} />
      ))}
      {page?.schemas.map((name) => (
        <Card id={anchorOf(name)} title={name}>
          <div class="body">
            <Whole outline={toOutline(schemaNamed(name))} />
          </div>
        </Card>
      ))}
      <Pages pages={pages} at={at} />
    </Frame>
  )
}

/** To the other pages of a tag. */
function Pages({ pages, at }: { readonly pages: Section['pages']; readonly at: number }) {
  if (pages.length === 1) return null
  return (
    <p>
      {pages.map(({ path }, index) => (
        <>
          {index > 0 && ' · '}
          {index === at ? <strong>Page {index + 1}</strong> : <a href={path}>Page {index + 1}</a>}
        </>
      ))}
    </p>
  )
}

function NoSuchPage({ c }: { readonly c: ConsoleContext }) {
  return (
    <Frame c={c} title="Not found">
      <Heading back={{ href: '/docs', text: 'All operations' }}>Not found</Heading>
      <p>The reference has no such page.</p>
    </Frame>
  )
}
