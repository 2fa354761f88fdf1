// The catalogue of event types: what there is to receive, with schemas and examples.

import { Hono } from 'hono'
import { z } from 'zod'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { commandOf } from '../parts/commands.ts'
import { Badge, Card, Code, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { listShape, queryOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'

const ShownType = z.object({
  name: z.string(),
  description: z.string().nullable(),
  group: z.string().nullable(),
  deprecated: z.boolean(),
  archived: z.boolean(),
  check: z.string(),
  schemas: z.record(z.string(), z.unknown()),
  examples: z.array(z.unknown()),
  updatedAt: z.string(),
})
const Types = listShape(ShownType)

export const eventTypePages = new Hono<ConsoleEnv>()
  .get('/event-types', async (c) => {
    const tenant = await findTenant(c)
    const query = queryOf(c, ['cursor'])
    const path = `${pathOf(tenant)}/event-types`
    const { items, nextCursor } = await visitOf(c).v1.get(`/event-types?${query}`, Types)
    return c.html(
      <Page c={c} title="Event types" tenant={tenant} tab="types">
        <Heading>Event types</Heading>
        <section class="card">
          {items.length === 0 ? (
            <NoTypes c={c} />
          ) : (
            <div class="scroll">
              <table class="stack">
                <thead>
                  <tr>
                    <th>Type</th>
                    <th>Group</th>
                    <th>Versions</th>
                    <th>Changed</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ name, description, group, deprecated, schemas, updatedAt }) => (
                    <tr>
                      <td>
                        <a href={`${path}/${name}`}>{name}</a>{' '}
                        {deprecated && <Badge status="deprecated" />}
                        {description && <div class="small quiet">{firstLine(description)}</div>}
                      </td>
                      <td data-name="Group">{group ?? '–'}</td>
                      <td class="small" data-name="Versions">
                        {Object.keys(schemas).join(', ') || '–'}
                      </td>
                      <td data-name="Changed">
                        <Time at={updatedAt} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <Pager path={path} query={query} next={nextCursor} />
        </section>
      </Page>,
    )
  })
  .get('/event-types/:type', async (c) => {
    const tenant = await findTenant(c)
    const name = encodeURIComponent(c.req.param('type'))
    const type = await visitOf(c).v1.get(`/event-types/${name}`, ShownType)
    return c.html(
      <Page c={c} title={type.name} tenant={tenant} tab="types">
        <Heading back={{ href: `${pathOf(tenant)}/event-types`, text: 'Event types' }}>
          {type.name} {type.deprecated && <Badge status="deprecated" />}
        </Heading>
        {type.description && <p>{type.description}</p>}
        {type.examples.map((example, index) => (
          <Card title={type.examples.length === 1 ? 'Example' : `Example ${index + 1}`}>
            <div class="body">
              <Code id={`example-${index}`} text={JSON.stringify(example, null, 2)} />
            </div>
          </Card>
        ))}
        {Object.entries(type.schemas).map(([version, schema]) => (
          <Card title={`Schema, version ${version}`}>
            <div class="body">
              <Code id={`schema-${version}`} text={JSON.stringify(schema, null, 2)} />
            </div>
          </Card>
        ))}
        {type.examples.length === 0 && Object.keys(type.schemas).length === 0 && (
          <Card title="Schema">
            <Empty says="This type has neither a schema nor an example." />
          </Card>
        )}
      </Page>,
    )
  })

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

const EMPTY_CATALOGUE = 'The catalogue is empty: nobody can be told which events there are.'

function NoTypes({ c }: { readonly c: ConsoleContext }) {
  if (!presentationOf(c).showsInternals) return <Empty says="No event type is listed yet." />
  if (!may(c, 'catalogue:write')) {
    return <Empty says={`${EMPTY_CATALOGUE} An operator key with catalogue:write fills it.`} />
  }
  return (
    <Empty
      says={`${EMPTY_CATALOGUE} List the first type:`}
      command={commandOf(
        c,
        'PUT',
        '/event-types/invoice.paid',
        '{"description": "An invoice was paid.", "examples": [{"amount": 12}]}',
      )}
    />
  )
}
