// A move between two deployments of Hookline, each behind Svix's surface: what arrives, what a repetition does, and what is left of a
// run that breaks off at any of its calls.

import { describe, expect, it } from 'vitest'
import { type MemoryDeployment, type Mishap, openDeployment, runBetween } from './deployments.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const NEW_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

const openTarget = () => openDeployment('https://hookline.test')

/** A server with two applications, one without a uid, three endpoints, and event types of every kind. */
async function openSource() {
  const source = await openDeployment('https://svix.test')
  const { eventType, application, endpoint } = source.svix
  const schemas = { '1': { type: 'object', required: ['total'] } }
  await eventType.create({ name: 'invoice.paid', description: 'Paid', schemas, groupName: 'Money' })
  await eventType.create({ name: 'user.created', description: '', featureFlags: ['beta'] })
  await eventType.create({ name: 'user.renamed', description: 'Old', deprecated: true })
  await eventType.delete('user.renamed')
  const acme = await application.create({ name: 'Acme', uid: 'acme', metadata: { plan: 'gold' } })
  const globex = await application.create({ name: 'Globex' })
  const main = await endpoint.create(acme.id, {
    ...{ url: 'https://acme.example/hook', uid: 'main', description: 'Main', secret: SECRET },
    ...{ eventTypes: ['user.created', 'invoice.paid'], channels: ['eu', 'beta'] },
    ...{ metadata: { team: 'billing' }, headers: { 'X-Region': 'eu' } },
  })
  const off = await endpoint.create(acme.id, { url: 'https://acme.example/off', disabled: true })
  const other = await endpoint.create(globex.id, { url: 'https://globex.example/?a=b' })
  return { ...source, ids: { acme, globex, main, off, other } }
}

/** All that a deployment has and a move may write, without ids and times of its own. */
async function stateOf({ svix }: MemoryDeployment) {
  const types = await svix.eventType.list({ includeArchived: true, withContent: true })
  const applications = await svix.application.list()
  const whole = await Promise.all(
    applications.data.map(async ({ id, uid, name, metadata }) => {
      const { data } = await svix.endpoint.list(id)
      const endpoints = await Promise.all(
        data.map(async ({ id: endpointId, createdAt: _, updatedAt: __, ...endpoint }) => ({
          ...endpoint,
          secret: await svix.endpoint.getSecret(id, endpointId),
          headers: await svix.endpoint.getHeaders(id, endpointId),
        })),
      )
      const byUrl = endpoints.toSorted((a, b) => (a.url < b.url ? -1 : 1))
      return { uid, name, metadata, endpoints: byUrl }
    }),
  )
  return {
    types: types.data.map(({ createdAt: _, updatedAt: __, ...type }) => type),
    applications: whole.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** What a deployment has once all of `openSource` is moved to it. */
function movedFrom({ ids }: Awaited<ReturnType<typeof openSource>>) {
  const none = { headers: {}, sensitive: [] }
  const secret = { key: expect.stringMatching(/^whsec_/) }
  const fields = { description: '', disabled: false, metadata: {}, headers: none, secret }
  return {
    types: [
      {
        ...{ name: 'invoice.paid', description: 'Paid', archived: false, deprecated: false },
        ...{ groupName: 'Money', schemas: { 1: { type: 'object', required: ['total'] } } },
      },
      {
        ...{ name: 'user.created', description: '', archived: false, deprecated: false },
        ...{ featureFlag: 'beta', featureFlags: ['beta'] },
      },
      { name: 'user.renamed', description: 'Old', archived: true, deprecated: true },
    ],
    applications: [
      {
        ...{ uid: 'acme', name: 'Acme', metadata: { plan: 'gold' } },
        endpoints: [
          {
            ...fields,
            ...{ url: 'https://acme.example/hook', uid: 'main', description: 'Main' },
            ...{ eventTypes: ['invoice.paid', 'user.created'], channels: ['beta', 'eu'] },
            ...{ metadata: { team: 'billing' }, secret: { key: SECRET } },
            headers: { headers: { 'X-Region': 'eu' }, sensitive: [] },
          },
          { ...fields, url: 'https://acme.example/off', uid: ids.off.id, disabled: true },
        ],
      },
      {
        ...{ uid: ids.globex.id, name: 'Globex', metadata: {} },
        endpoints: [{ ...fields, url: 'https://globex.example/?a=b', uid: ids.other.id }],
      },
    ],
  }
}

describe('a move', () => {
  it('writes nothing until it is applied, then everything, then nothing again', async () => {
    const source = await openSource()
    const target = await openTarget()
    const empty = { types: [], applications: [] }
    const dry = await runBetween(source, target)
    expect([dry.code, dry.writes]).toEqual([0, []])
    expect(dry.text).toContain('Dry run: nothing was written.')
    expect(dry.text).toContain('event types   3 create\n')
    expect(await stateOf(target)).toEqual(empty)

    const applied = await runBetween(source, target, ['--apply'])
    expect([applied.code, applied.writes.length]).toEqual([0, 8])
    expect(applied.text).toContain('endpoints     3 created\n')
    expect(await stateOf(target)).toEqual(movedFrom(source))

    const again = await runBetween(source, target, ['--apply', '--json'])
    expect([again.code, again.writes]).toEqual([0, []])
    expect(JSON.parse(again.text)).toMatchObject({
      ...{ mode: 'apply', failure: null, items: [], others: [] },
      counts: { 'event type': { same: 3 }, application: { same: 2 }, endpoint: { same: 3 } },
    })
  })

  it('takes each secret over as it is', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    await runBetween(source, target, ['--apply'])
    const { acme, off } = source.ids
    const [at] = [await source.svix.endpoint.getSecret(acme.id, off.id)]
    const [{ id = '' } = {}] = (await target.svix.endpoint.list('acme')).data.filter(
      ({ url }) => url === off.url,
    )
    expect(await target.svix.endpoint.getSecret('acme', id)).toEqual(at)
  })

  it('is told what changed since, and makes it so', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    await runBetween(source, target, ['--apply'])
    const { acme, globex, main, off } = source.ids
    const { application, endpoint, eventType } = source.svix
    await application.patch(globex.id, { uid: 'globex' })
    await application.patch(acme.id, { name: 'Acme Inc.' })
    await eventType.patch('invoice.paid', { deprecated: true })
    await endpoint.patch(acme.id, main.id, { url: 'https://acme.example/new', channels: null })
    await endpoint.rotateSecret(acme.id, main.id, { key: NEW_SECRET })
    await endpoint.patchHeaders(acme.id, main.id, { headers: { 'X-Region': 'us', 'X-B': '1' } })
    await endpoint.delete(acme.id, off.id)

    const ran = await runBetween(source, target, ['--apply'])
    expect(ran.code).toBe(0)
    expect(ran.text.split('\n\n')[1]?.split('\n')).toEqual([
      'Written:',
      '  changed  event type invoice.paid: deprecated',
      '  changed  application acme: name',
      '  changed  application globex: uid',
      '  changed  endpoint acme / main: url, channels, secret, header X-Region, header X-B',
    ])
    expect(ran.text).toContain(
      `Only at Hookline, and left as they are:\n  endpoint acme / ${off.id}\n`,
    )
    const { applications } = await stateOf(target)
    expect(applications).toMatchObject([
      {
        ...{ name: 'Acme Inc.' },
        endpoints: [
          {
            ...{ url: 'https://acme.example/new', secret: { key: NEW_SECRET } },
            headers: { headers: { 'X-Region': 'us', 'X-B': '1' } },
          },
          { url: off.url },
        ],
      },
      { name: 'Globex', uid: 'globex' },
    ])
    expect(applications[0]?.endpoints[0]?.channels).toBeUndefined()
    const again = await runBetween(source, target, ['--apply'])
    expect([again.code, again.writes]).toEqual([0, []])
  })

  it('finds an application by the id that it has at Svix', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    // As Svix draws them: more than the 128 bits of a UUID.
    const id = 'app_2ZWZBpBUvZwXKQmoEYga21srOrx'
    await source.svix.application.create({ name: 'Held by its id', uid: id })
    await runBetween(source, target, ['--apply'])
    expect(await target.svix.application.get(id)).toMatchObject({ name: 'Held by its id' })
  })

  it('tells of an application that only Hookline has, such as one whose uid was another', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    await runBetween(source, target, ['--apply'])
    await source.svix.application.patch('acme', { uid: 'acme-2' })
    const ran = await runBetween(source, target)
    expect(ran.text).toContain('  applications  1 create, 1 same, 1 only at Hookline\n')
    expect(ran.text).toContain('Only at Hookline, and left as they are:\n  application acme\n')
    const some = await runBetween(source, target, ['--app', 'acme-2'])
    expect(some.text).toContain('  applications  1 create\n')
  })

  it('moves only the applications that are named', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    const ran = await runBetween(source, target, ['--apply', '--app', source.ids.globex.id])
    expect(ran.code).toBe(0)
    const { applications } = await stateOf(target)
    expect(applications.map(({ name }) => name)).toEqual(['Globex'])
    const unknown = await runBetween(source, target, ['--app', 'initech'])
    expect(unknown.code).toBe(1)
    expect(unknown.text).toContain('Broke off: Svix has no application initech.')
  })

  it('lists a type that an endpoint names and no catalogue has, once', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    await source.svix.eventType.delete('invoice.paid', { expunge: true })
    const { id } = await source.svix.application.create({ name: 'Initech', uid: 'initech' })
    await source.svix.eventType.create({ name: 'invoice.paid', description: '' })
    await source.svix.endpoint.create(id, {
      url: 'https://x.example/',
      eventTypes: ['invoice.paid'],
    })
    await source.svix.eventType.delete('invoice.paid', { expunge: true })
    const ran = await runBetween(source, target, ['--apply'])
    expect(ran.code).toBe(0)
    expect(ran.writes.filter((write) => write.endsWith('/event-type/invoice.paid'))).toHaveLength(1)
    expect(await target.svix.eventType.get('invoice.paid')).toMatchObject({
      description: 'Named by an endpoint, and in no catalogue.',
    })
    expect((await runBetween(source, target, ['--apply'])).writes).toEqual([])
  })

  it('goes on when Hookline refuses one thing, and says so', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    // The name of somebody else's: Hookline's uids are those of all webhooks of a tenant, whatever surface made them.
    await runBetween(source, target, ['--apply', '--app', 'acme'])
    const [{ id = '' } = {}] = (await target.svix.endpoint.list('acme')).data
    await target.svix.endpoint.delete('acme', id)
    const tenant = await target.svix.application.get('acme')
    const taken = { url: 'https://native.example/', eventTypes: ['*'], uid: 'main' }
    const made = await target.fetch(`${target.url}/v1/tenants/acme/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${target.token}` },
      body: JSON.stringify(taken),
    })
    expect([made.status, tenant.uid]).toEqual([201, 'acme'])
    const ran = await runBetween(source, target, ['--apply'])
    expect(ran.code).toBe(2)
    expect(ran.text).toMatch(
      /endpoint acme \/ main: Hookline: POST \/app\/\w+\/endpoint was answered with 409: /,
    )
    expect(ran.text).toContain('applications  1 created, 1 same\n')
  })

  it('tells that it waits, where it waits for long', async () => {
    const busy: Mishap = (call) =>
      call === 0
        ? Promise.resolve(Response.json({}, { status: 429, headers: { 'retry-after': '60' } }))
        : undefined
    const ran = await runBetween(await openSource(), await openTarget(), [], busy)
    expect([ran.code, ran.waits, ran.told[0]]).toEqual([0, [60_000], 'waiting 60 s for Hookline'])
  })

  it('reads lists of more than a page', async () => {
    const [source, target] = [await openDeployment('https://svix.test'), await openTarget()]
    for (let n = 0; n < 260; n += 1) {
      await source.svix.application.create({ name: `Customer ${n}`, uid: `customer-${n}` })
    }
    const ran = await runBetween(source, target, ['--apply'])
    expect(ran.text).toContain('applications  260 created\n')
    expect(ran.told.at(-1)).toBe('260 of 260 applications')
    expect(ran.text).toContain('\n  and 60 more, which --json names\n')
    expect((await runBetween(source, target, ['--apply'])).writes).toEqual([])
  })
})

describe('a key of Hookline without', () => {
  const all = [
    ...(['tenants:read', 'tenants:write', 'catalogue:write'] as const),
    ...(['webhooks:read', 'webhooks:list', 'webhooks:write', 'webhook-secrets:read'] as const),
  ]

  const openMoved = async () => {
    const [source, target] = [await openSource(), await openTarget()]
    await runBetween(source, target, ['--apply'])
    // Something for each permission to do.
    const { acme, main } = source.ids
    await source.svix.eventType.patch('invoice.paid', { deprecated: true })
    await source.svix.application.patch(acme.id, { name: 'Acme Inc.' })
    await source.svix.endpoint.patch(acme.id, main.id, { description: 'Changed' })
    return { source, target }
  }

  it('any but these permissions is enough', async () => {
    const { source, target } = await openMoved()
    const token = await target.tokenWith(all)
    expect((await runBetween(source, { ...target, token }, ['--apply'])).code).toBe(0)
  })

  it.each(all)('%s is told so', async (missing) => {
    const { source, target } = await openMoved()
    const token = await target.tokenWith(all.filter((permission) => permission !== missing))
    const ran = await runBetween(source, { ...target, token }, ['--apply'])
    expect(ran.code).toBe(1)
    expect(ran.text).toMatch(
      new RegExp(`Broke off: Hookline: .* was answered with 403: .*${missing}`),
    )
  })

  it('the right token is told so, on either side', async () => {
    const [source, target] = [await openSource(), await openTarget()]
    const noSource = await runBetween({ ...source, token: 'wrong.token' }, target)
    expect(noSource.text).toMatch(/Broke off: Svix: GET .* was answered with 401: /)
    const noTarget = await runBetween(source, { ...target, token: 'wrong.token' })
    expect(noTarget.text).toMatch(/Broke off: Hookline: GET .* was answered with 401: /)
  })
})

describe('a run that breaks off at any of its calls, and is repeated,', () => {
  const unanswered = async (): Promise<Response> => {
    throw new TypeError('The connection was lost.')
  }

  it.each<[string, (at: number) => Mishap]>([
    ['before the call arrives', (at) => (call) => (call >= at ? unanswered() : undefined)],
    [
      'after the call was made, and before it is answered',
      (at) => (call, make) => {
        if (call < at) return undefined
        return call === at ? make().then(unanswered) : unanswered()
      },
    ],
  ])('%s ends as one that did not', async (_, mishapAt) => {
    const source = await openSource()
    const expected = movedFrom(source)
    const { calls } = await runBetween(source, await openTarget(), ['--apply'])
    expect(calls).toBeGreaterThan(20)
    for (let at = 0; at < calls; at += 1) {
      const target = await openTarget()
      const broken = await runBetween(source, target, ['--apply'], mishapAt(at))
      expect([at, broken.code]).toEqual([at, 1])
      const repeated = await runBetween(source, target, ['--apply'])
      expect([at, repeated.code]).toEqual([at, 0])
      expect(await stateOf(target), `broken at call ${at}`).toEqual(expected)
      const again = await runBetween(source, target, ['--apply'])
      expect([at, again.writes]).toEqual([at, []])
    }
  })

  it('ends so at once where only one answer was lost', async () => {
    const source = await openSource()
    const expected = movedFrom(source)
    const { calls } = await runBetween(source, await openTarget(), ['--apply'])
    for (let at = 0; at < calls; at += 1) {
      const target = await openTarget()
      const mishap: Mishap = (call, make) => (call === at ? make().then(unanswered) : undefined)
      const ran = await runBetween(source, target, ['--apply'], mishap)
      expect([at, ran.code, ran.waits]).toEqual([at, 0, [500]])
      expect(await stateOf(target), `lost at call ${at}`).toEqual(expected)
    }
  })
})
