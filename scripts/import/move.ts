// A move: reads what Svix and Hookline have, application by application, plans what becomes of it, and does it, if it is to be done.
// Whatever is written is found again by the next run, wherever this one breaks off.

import { z } from 'zod'
import { atMostAtOnce } from '../../src/primitives/at-once.ts'
import { type Api, ApiError, type Write } from './api.ts'
import { type ApplicationPlan, type Item, leave, planApplications } from './plan.ts'
import { planEndpoints } from './plan-endpoints.ts'
import { planEventTypes, planUnlistedTypes } from './plan-event-types.ts'
import {
  Application,
  Endpoint,
  EndpointHeaders,
  EndpointSecret,
  EventType,
  Named,
  Transformation,
} from './shapes.ts'

/** Applications, and endpoints of one, that are read at the same time. */
const APPLICATIONS = 4
const ENDPOINTS = 4

/** Statuses of a call that a server does not have. */
const ABSENT: readonly (number | null)[] = [404, 405, 501]
/** Statuses of a call that this account or token may not make. */
const CLOSED: readonly (number | null)[] = [400, 402, 403]
/** Statuses of what is wrong with one thing alone. */
const REFUSALS: readonly (number | null)[] = [400, 404, 409, 413, 422, 501]

export interface MoveOptions {
  readonly source: Api
  readonly target: Api
  /** False: a dry run. */
  readonly isApplied: boolean
  /** Applications by their uid or id; empty: all. */
  readonly only: readonly string[]
  /** Applications that are read at the same time; `APPLICATIONS` unless given. */
  readonly atOnce?: number
  /** Called with each item once its fate is known. */
  readonly onItem: (item: Done) => void
  readonly onProgress: (done: number, all: number) => void
}

/** An item after the run: with why Hookline did not take it, where it did not. */
export interface Done extends Item {
  readonly refusal: string | null
}

/** Runs a move. Resolves with sentences about what Svix has beside applications; throws `ApiError` where it breaks off. */
export async function move(options: MoveOptions): Promise<readonly string[]> {
  const { source, target, only, onItem, onProgress } = options
  const hidden = new Set<string>()
  const types = { include_archived: 'true', with_content: 'true' }
  const known = await target.list(EventType, '/event-type', types)
  const catalogue = new Catalogue(known.map(({ name }) => name))
  for (const item of planEventTypes(await source.list(EventType, '/event-type', types), known)) {
    onItem(catalogue.note(await carryOut(item, '', options)))
  }
  const plans = planApplications(
    await source.list(Application, '/app'),
    await target.list(Application, '/app'),
  )
  const chosen = chooseOnly(plans, only)
  let done = 0
  let broken: { readonly error: unknown } | null = null
  await atMostAtOnce(chosen, options.atOnce ?? APPLICATIONS, async (plan) => {
    // What is under way is finished; nothing more is begun.
    if (broken !== null) return
    try {
      await moveApplication(plan, catalogue, hidden, options)
      done += 1
      onProgress(done, chosen.length)
    } catch (error) {
      broken ??= { error }
    }
  })
  rethrow(broken)
  const path = '/operational-webhook/endpoint'
  const operational = await seek(source.list(z.unknown(), path), 'operational webhooks', hidden)
  const count = operational?.length ?? 0
  const others = count === 0 ? [] : [`operational webhooks: ${count}`]
  return [...others, ...hidden]
}

function rethrow(broken: { readonly error: unknown } | null): void {
  if (broken !== null) throw broken.error
}

/** The plans of the applications that were asked for. Throws `ApiError` for one that Svix does not have. */
function chooseOnly(
  plans: readonly ApplicationPlan[],
  only: readonly string[],
): readonly ApplicationPlan[] {
  if (only.length === 0) return plans
  const namesOf = ({ application: { id, uid } }: ApplicationPlan) => [id, uid]
  const unknown = only.find((name) => !plans.some((plan) => namesOf(plan).includes(name)))
  if (unknown !== undefined) throw new ApiError(`Svix has no application ${unknown}`, 404)
  return plans.filter((plan) => namesOf(plan).some((name) => name !== null && only.includes(name)))
}

/** Which event types Hookline has, or will have once the run is over, and which it does not take. */
class Catalogue {
  readonly refused = new Set<string>()
  private readonly known: Set<string>
  /** One application after the other lists what is missing, so that none goes on before it is there. */
  private turn: Promise<unknown> = Promise.resolve()

  constructor(names: Iterable<string>) {
    this.known = new Set(names)
  }

  note(done: Done): Done {
    const isTaken = done.action !== 'leave' && done.refusal === null
    if (isTaken) this.known.add(done.name)
    else if (!this.known.has(done.name)) this.refused.add(done.name)
    return done
  }

  /** Lists those of these types that no catalogue has; resolves when each is known or refused. */
  async listMissing(names: readonly string[], list: (item: Item) => Promise<Done>): Promise<void> {
    const mine = this.turn.then(async () => {
      const settled = new Set([...this.known, ...this.refused])
      for (const item of planUnlistedTypes(names, settled)) this.note(await list(item))
    })
    // Who comes next begins whatever became of it.
    this.turn = mine.catch(() => {})
    await mine
  }
}

async function moveApplication(
  { application, item, targetId }: ApplicationPlan,
  catalogue: Catalogue,
  hidden: Set<string>,
  options: MoveOptions,
): Promise<void> {
  const { source, target, onItem, isApplied } = options
  if (item.action === 'leave') return onItem({ ...item, refusal: null })
  const endpoints = await readEndpoints(source, application.id, hidden)
  if (endpoints === null) {
    const why = 'Svix deleted it while it was read'
    return onItem({ ...leave('application', item.name, why), refusal: null })
  }
  const current = targetId === null ? [] : ((await readEndpoints(target, targetId)) ?? [])
  const named = endpoints.flatMap(({ eventTypes }) => eventTypes ?? [])
  await catalogue.listMissing(named, async (type) => {
    const listed = await carryOut(type, '', options)
    onItem(listed)
    return listed
  })
  const { done, id } = await carryOutApplication(item, targetId, options)
  const integrations = await findIntegrations(source, application.id, hidden)
  onItem({ ...done, untaken: [...done.untaken, ...integrations] })
  if (done.refusal !== null) return
  for (const endpoint of planEndpoints(item.name, endpoints, current, catalogue.refused)) {
    const base = `/app/${id}`
    onItem(await carryOut(endpoint, base, { target, isApplied }))
  }
}

type Doing = Pick<MoveOptions, 'target' | 'isApplied'>

async function carryOutApplication(
  item: Item,
  targetId: string | null,
  doing: Doing,
): Promise<{ readonly done: Done; readonly id: string | null }> {
  const answers: unknown[] = []
  const done = await carryOut(item, '', doing, (answer) => answers.push(answer))
  const [made] = answers
  return { done, id: made === undefined ? targetId : Application.parse(made).id }
}

/** Does what was planned, unless it is a dry run. Throws `ApiError` for what is wrong with more than this item. */
async function carryOut(
  item: Item,
  base: string,
  { target, isApplied }: Doing,
  onAnswer: (answer: unknown) => void = () => {},
): Promise<Done> {
  if (!isApplied) return { ...item, refusal: null }
  try {
    for (const write of item.writes) {
      onAnswer(await target.write(z.unknown(), below(base, write)))
    }
    return { ...item, refusal: null }
  } catch (error) {
    if (!(error instanceof ApiError) || !REFUSALS.includes(error.status)) throw error
    return { ...item, refusal: error.message }
  }
}

const below = (base: string, write: Write): Write => ({ ...write, path: `${base}${write.path}` })

/** All endpoints of an application with their secrets and headers, with `hidden` with transformations; null for no application. */
async function readEndpoints(
  api: Api,
  applicationId: string,
  hidden?: Set<string>,
): Promise<readonly Endpoint[] | null> {
  const base = `/app/${encodeURIComponent(applicationId)}/endpoint`
  const listed = await orNull(api.list(Endpoint, base))
  if (listed === null) return null
  const read = await atMostAtOnce(listed, ENDPOINTS, async (endpoint) => {
    const path = `${base}/${encodeURIComponent(endpoint.id)}`
    const secret = await orNull(api.get(EndpointSecret, `${path}/secret`))
    const headers = await orNull(api.get(EndpointHeaders, `${path}/headers`))
    // It was deleted meanwhile.
    if (secret === null || headers === null) return []
    const asked = hidden && api.get(Transformation, `${path}/transformation`)
    const transformation = asked ? await seek(asked, 'transformations', hidden) : null
    const isTransformed = transformation?.enabled === true && transformation.code !== ''
    return [{ ...endpoint, ...headers, secret: secret.key, isTransformed }]
  })
  return read.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** A sentence for each integration of an application of Svix. */
async function findIntegrations(
  source: Api,
  id: string,
  hidden: Set<string>,
): Promise<readonly string[]> {
  const path = `/app/${encodeURIComponent(id)}/integration`
  const found = await seek(source.list(Named, path), 'integrations', hidden)
  return (found ?? []).map(({ name }) => `its integration ${name}: Hookline has none`)
}

/** Null where the server does not have what is asked for, or does not show it, which is noted in `hidden`. */
async function seek<T>(asked: Promise<T>, what: string, hidden: Set<string>): Promise<T | null> {
  try {
    return await orNull(asked)
  } catch (error) {
    if (!(error instanceof ApiError) || !CLOSED.includes(error.status)) throw error
    hidden.add(`${what}: Svix does not show them to this token`)
    return null
  }
}

/** Null where the server does not have what is asked for. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && ABSENT.includes(error.status)) return null
    throw error
  }
}
