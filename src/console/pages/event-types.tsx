// The catalogue of event types: what there is to receive, with schemas and examples.

import { Hono } from 'hono'
import { z } from 'zod'
import { Refusal } from '../../http/v1.ts'
import { type ConsoleContext, type ConsoleEnv, may, visitOf } from '../context.ts'
import { commandOf } from '../parts/commands.ts'
import {
  type ConversionFields,
  Conversions,
  conversionIn,
  ShownConversion,
  tryConversion,
} from '../parts/conversion-form.tsx'
import { Badge, Card, Code, Empty, Heading, Pager, Time } from '../parts/elements.tsx'
import { Page, pathOf } from '../parts/layout.tsx'
import { presentationOf } from '../presentation.ts'
import { readForm } from '../session.ts'
import { listShape, queryOf } from '../shapes.ts'
import { findTenant } from '../tenant.ts'

const ShownType = z.looseObject({
  name: z.string(),
  description: z.string().nullable(),
  group: z.string().nullable(),
  deprecated: z.boolean(),
  archived: z.boolean(),
  check: z.string(),
  schemas: z.record(z.string(), z.unknown()),
  conversions: z.array(ShownConversion),
  examples: z.array(z.unknown()),
  updatedAt: z.string(),
})
const Types = listShape(ShownType)
type ShownType = z.infer<typeof ShownType>

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
    return c.html(<TypePage c={c} tenant={tenant} type={await findType(c)} sent={null} />)
  })
  .post('/event-types/:type/conversions', async (c) => {
    const form = await readForm(c)
    const [tenant, type] = [await findTenant(c), await findType(c)]
    const fields = conversionIn(form)
    const page = { c, tenant, type }
    try {
      if (form.has('preview')) {
        const tried = await tryConversion(c, tenant.id, type.name, fields)
        return c.html(<TypePage {...page} sent={{ fields, tried, problem: null }} />)
      }
      const name = encodeURIComponent(type.name)
      const query = form.has('acceptBreaks') ? '?acceptBreaks=true' : ''
      const changed = withConversion(type, fields)
      await visitOf(c).v1.send('PUT', `/event-types/${name}${query}`, changed, Saved)
      return c.redirect(`${pathOf(tenant)}/event-types/${name}`, 303)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { problem } = error
      const status = problem.status === 400 ? 400 : 409
      return c.html(<TypePage {...page} sent={{ fields, tried: null, problem }} />, status)
    }
  })

const Saved = z.object({ name: z.string() })

function findType(c: ConsoleContext): Promise<ShownType> {
  const name = encodeURIComponent(c.req.param('type') ?? '')
  return visitOf(c).v1.get(`/event-types/${name}`, ShownType)
}

/** The type as it is saved, with a conversion in place of the one between the same versions. */
function withConversion(
  { createdAt: _, updatedAt: __, ...type }: ShownType,
  { from, to, expression }: ConversionFields,
) {
  const made = { from, to, expression }
  const isSame = (one: { from: string; to: string }) => one.from === from && one.to === to
  const { conversions } = type
  const isNew = !conversions.some(isSame)
  const others = conversions.map((one) => (isSame(one) ? made : one))
  return { ...type, conversions: isNew ? [...others, made] : others }
}

interface TypePageProps {
  readonly c: ConsoleContext
  readonly tenant: Awaited<ReturnType<typeof findTenant>>
  readonly type: ShownType
  readonly sent: Parameters<typeof Conversions>[0]['sent']
}

function TypePage({ c, tenant, type, sent }: TypePageProps) {
  const path = `${pathOf(tenant)}/event-types`
  return (
    <Page c={c} title={type.name} tenant={tenant} tab="types">
      <Heading back={{ href: path, text: 'Event types' }}>
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
      <Conversions
        c={c}
        to={`${path}/${encodeURIComponent(type.name)}/conversions`}
        versions={Object.keys(type.schemas).toSorted()}
        conversions={type.conversions}
        example={JSON.stringify(type.examples[0] ?? {}, null, 2)}
        sent={sent}
      />
      {type.examples.length === 0 && Object.keys(type.schemas).length === 0 && (
        <Card title="Schema">
          <Empty says="This type has neither a schema nor an example." />
        </Card>
      )}
    </Page>
  )
}

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
