// A move: reads what Svix and Hookline have, application by application, plans what becomes of it, and does it, if it is to be done.
// Whatever is written is found again by the next run, wherever this one breaks off.

import { z } from 'zod'
import { atMostAtOnce } from '../../src/primitives/at-once.ts'
import { type Api, ApiError, type Write } from './api.ts'
import {
  type ApplicationPlan,
  extraApplications,
  type Item,
  leave,
  planApplications,
} from './plan.ts'
import { planEndpoints } from './plan-endpoints.ts'
import { planEventTypes, planUnlistedTypes } from './plan-event-types.ts'
import { Extras, readEndpoints } from './read.ts'
import { Application, EventType } from './shapes.ts'

/** Applications that are moved at the same time. */
const APPLICATIONS = 4

/** Statuses of what is wrong with one thing alone. */
const REFUSALS: readonly (number | null)[] = [400, 404, 409, 413, 422, 501]

export interface MoveOptions {
  readonly source: Api
  readonly target: Api
  /** False: a dry run. */
  readonly isApplied: boolean
  /** Applications by their uid or id; empty: all. */
  readonly only: readonly string[]
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
  const extras = new Extras(source)
  const types = { include_archived: 'true', with_content: 'true' }
  const known = await target.list(EventType, '/event-type', types)
  const catalogue = new Catalogue(known.map(({ name }) => name))
  for (const item of planEventTypes(await source.list(EventType, '/event-type', types), known)) {
    onItem(catalogue.note(await carryOutType(item, options)))
  }
  const applications = await source.list(Application, '/app')
  const present = await target.list(Application, '/app')
  const plans = planApplications(applications, present)
  const chosen = chooseOnly(plans, only)
  for (const item of only.length === 0 ? extraApplications(plans, present) : []) {
    onItem({ ...item, refusal: null })
  }
  let done = 0
  let broken: { readonly error: unknown } | null = null
  await atMostAtOnce(chosen, APPLICATIONS, async (plan) => {
    // What is under way is finished; nothing more is begun.
    if (broken !== null) return
    try {
      await moveApplication(plan, catalogue, extras, options)
      done += 1
      onProgress(done, chosen.length)
    } catch (error) {
      broken ??= { error }
    }
  })
  rethrow(broken)
  return extras.findOthers()
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
  extras: Extras,
  options: MoveOptions,
): Promise<void> {
  const { source, target, onItem } = options
  if (item.action === 'leave') return onItem({ ...item, refusal: null })
  const isTransformed = (path: string) => extras.isTransformed(path)
  const endpoints = await readEndpoints(source, application.id, isTransformed)
  if (endpoints === null) {
    const why = 'Svix deleted it while it was read'
    return onItem({ ...leave('application', item.name, why), refusal: null })
  }
  const current = targetId === null ? null : await readEndpoints(target, targetId)
  const named = endpoints.flatMap(({ eventTypes }) => eventTypes ?? [])
  await catalogue.listMissing(named, async (type) => {
    const listed = await carryOutType(type, options)
    onItem(listed)
    return listed
  })
  let id = targetId
  const done = await carryOut(item, options, async (write) => {
    id = (await target.write(Application, write)).id
  })
  const integrations = await extras.integrationsOf(application.id)
  onItem({ ...done, untaken: [...done.untaken, ...integrations] })
  if (done.refusal !== null) return
  for (const endpoint of planEndpoints(item.name, endpoints, current ?? [], catalogue.refused)) {
    const send = (write: Write) =>
      target.write(z.unknown(), { ...write, path: `/app/${id}${write.path}` })
    onItem(await carryOut(endpoint, options, send))
  }
}

function carryOutType(item: Item, options: MoveOptions): Promise<Done> {
  return carryOut(item, options, (write) => options.target.write(z.unknown(), write))
}

/** Sends what was planned, unless it is a dry run. Throws `ApiError` for what is wrong with more than this item. */
async function carryOut(
  item: Item,
  { isApplied }: Pick<MoveOptions, 'isApplied'>,
  send: (write: Write) => Promise<unknown>,
): Promise<Done> {
  if (!isApplied) return { ...item, refusal: null }
  try {
    for (const write of item.writes) await send(write)
    return { ...item, refusal: null }
  } catch (error) {
    if (!(error instanceof ApiError) || !REFUSALS.includes(error.status)) throw error
    return { ...item, refusal: error.message }
  }
}
