// The parts of a run, one after another, each with the services that it needs.

import { measureCost } from './cost.ts'
import { measureGrowth } from './growth.ts'
import { measureIsolation } from './isolation.ts'
import { measureNeighbour } from './neighbour.ts'
import { measureReadable } from './readable.ts'
import type { Receivers } from './receivers.ts'
import type { Measured } from './results.ts'
import { type Kind, Service } from './services.ts'
import { measureSpeed } from './speed.ts'
import { hooklineSubject, type Subject, workerSubject } from './subject.ts'

export interface World {
  readonly receivers: Receivers
  /** Where services keep their databases. */
  readonly folder: string
  /** Shows progress. */
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** A checkout of a former commit that is measured beside this one; none for null. */
  readonly former: string | null
}

export type Part = keyof Measured

export const PARTS = ['speed', 'isolation', 'neighbour', 'readable', 'cost', 'growth'] as const

export function isPart(name: string): name is Part {
  return PARTS.some((part) => part === name)
}

type Measure = (world: World) => Promise<Partial<Measured>>

const MEASURES: Readonly<Record<Part, Measure>> = {
  speed: async (world) => ({ speed: await speedOf(world) }),
  isolation: async (world) => ({ isolation: await withHookline(world, measureIsolation) }),
  neighbour: async (world) => ({ neighbour: await withHookline(world, measureNeighbour) }),
  readable: async (world) => ({ readable: await withHookline(world, measureReadable) }),
  cost: async (world) => {
    const floor = await startWorker(world, 'meteredFloor')
    const measure = (service: Service) => measureCost(service, floor, world.receivers, world.say)
    const cost = await withHookline(world, measure, 'metered')
    await floor.service.stop()
    return { cost }
  },
  growth: async (world) => ({ growth: await withHookline(world, measureGrowth, 'metered') }),
}

export function measurePart(world: World, part: Part): Promise<Partial<Measured>> {
  return MEASURES[part](world)
}

/** A filter that lets everything through, and a body with what a usual one has. */
const EXPRESSIONS = {
  filter: 'data.index >= 0 and type = "bench.event"',
  body: '{ "type": type, "timestamp": timestamp, "data": data, "text": "No. " & data.index }',
}

/** Beside the signature that every one has. */
const SIGNED = { httpSignature: { profile: 'standard' } }

async function speedOf(world: World): Promise<Measured['speed']> {
  const { receivers, say, former } = world
  say('starting Hookline and the Workers beside it')
  const [floor, bare, direct, toTen, hookline, before] = await Promise.all([
    startWorker(world, 'floor'),
    startWorker(world, 'bare'),
    startWorker(world, 'direct'),
    startWorker(world, 'direct', 10),
    startHookline(world, 'hookline'),
    former === null ? null : startFormer(world, former),
  ])
  const ours = await hooklineSubject(hookline, receivers)
  const shaped = await hooklineSubject(hookline, receivers, { fields: EXPRESSIONS })
  const signed = await hooklineSubject(hookline, receivers, { fields: SIGNED })
  const oursToTen = await hooklineSubject(hookline, receivers, { fanOut: 10 })
  const beforeAs = async (fanOut: number) =>
    before === null
      ? []
      : [['former', await hooklineSubject(before, receivers, { fanOut })] as const]
  const formerToOne = await beforeAs(1)
  const speed = await measureSpeed(
    {
      single: [
        ['floor', floor],
        ['bare', bare],
        ['direct', direct],
        ['hookline', ours],
        ['shaped', shaped],
        ['signed', signed],
        ...formerToOne,
      ],
      fanOut: [['direct', toTen], ['hookline', oursToTen], ...(await beforeAs(10))],
      packs: [['bare', bare], ['hookline', ours], ...formerToOne],
    },
    receivers,
    say,
  )
  const services = [floor, bare, direct, toTen].map(({ service }) => service)
  await Promise.all([...services, hookline, before].map((service) => service?.stop()))
  return speed
}

/** One of the Workers that send everything to where they were told when they were started. */
async function startWorker(
  { receivers, folder, signal }: World,
  kind: Exclude<Kind, 'hookline' | 'metered'>,
  fanOut = 1,
): Promise<Subject> {
  const paths = receivers.newPaths(fanOut)
  const urls = paths.map((path) => receivers.urlOf(path)).join(' ')
  const vars = kind === 'direct' ? { TARGETS: urls } : { TARGET_URL: urls }
  const name = `${kind}-${fanOut}`
  return workerSubject(await Service.start({ name, kind, folder, vars }, signal), paths)
}

/** What isolates tenants and webhooks, of the former commit: printed, and held to nothing. */
export async function measureFormer(world: World, checkout: string): Promise<Partial<Measured>> {
  const service = await startFormer(world, checkout)
  const { receivers } = world
  const say = (line: string) => world.say(`former: ${line}`)
  const isolation = await measureIsolation(service, receivers, say)
  const neighbour = await measureNeighbour(service, receivers, say)
  const readable = await measureReadable(service, receivers, say)
  await service.stop()
  return { isolation, neighbour, readable }
}

/** The same of another checkout. */
export function startFormer(
  { folder, signal }: World,
  checkout: string,
  inspectorPort = 0,
): Promise<Service> {
  started += 1
  const name = `former-${started}`
  return Service.start({ name, kind: 'hookline', folder, checkout, inspectorPort }, signal)
}

let started = 0

/** With nothing in its database. */
export function startHookline(
  { folder, signal }: Pick<World, 'folder' | 'signal'>,
  kind: 'hookline' | 'metered',
  inspectorPort = 0,
): Promise<Service> {
  started += 1
  return Service.start({ name: `${kind}-${started}`, kind, folder, inspectorPort }, signal)
}

async function withHookline<T>(
  world: World,
  measure: (service: Service, receivers: Receivers, say: World['say']) => Promise<T>,
  kind: 'hookline' | 'metered' = 'hookline',
): Promise<T> {
  world.say('starting Hookline')
  const service = await startHookline(world, kind)
  const measured = await measure(service, world.receivers, world.say)
  await service.stop()
  return measured
}
