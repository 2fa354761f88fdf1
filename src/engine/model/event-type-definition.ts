// What the catalogue says of a type of event, and the versions in which its data may be published.

import { z } from 'zod'
import { CATALOGUE } from '../../limits.ts'
import { isRecord } from '../../primitives/is-record.ts'
import type { VersionBreak } from './schema-break.ts'
import type { Json } from './webhook.ts'

/**
 * The name of a version of data. Versions are ordered by the code units of their names, so that dates such as `2026-11` are in
 * the order of time; `v10` is before `v9`.
 */
export const VersionName = z
  .string()
  .max(CATALOGUE.versionChars)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'Expected a version such as "2026-11": letters, digits, ".", "_" and "-", a letter or digit first.',
  )

/** How publishing is checked: not at all, with a line in the log, or with a refusal. */
export const CHECKS = ['off', 'warn', 'enforce'] as const
export type Check = (typeof CHECKS)[number]

/** A JSON Schema (2020-12) as it was saved. */
export type JsonSchema = boolean | { readonly [keyword: string]: Json }

/** Whether a value can be a schema: what it says was looked at when it was saved. */
export function isEventTypeSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isRecord(value)
}

/** How data of one version is made of that of another, where nobody published it. */
export interface Conversion {
  readonly from: string
  readonly to: string
  /** In JSONata (docs/expressions.md), on the data of `from` itself. */
  readonly expression: string
}

/** Those whose versions are both there. */
export function conversionsWithin(
  conversions: readonly Conversion[],
  schemas: EventTypeDefinition['schemas'],
): readonly Conversion[] {
  return conversions.filter(
    ({ from, to }) => Object.hasOwn(schemas, from) && Object.hasOwn(schemas, to),
  )
}

/** A type of event as the catalogue of the deployment has it. */
export interface EventTypeDefinition {
  readonly name: string
  readonly description: string | null
  /** Under which a page for people shows it. */
  readonly group: string | null
  /** Still published; not to be relied on by new webhooks. */
  readonly deprecated: boolean
  /** No longer published: as if it were not listed. */
  readonly archived: boolean
  /** What whoever shows the catalogue to users asks about before showing it. */
  readonly featureFlag: string | null
  readonly check: Check
  /** By version. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly conversions: readonly Conversion[]
  /** Data of the newest version. */
  readonly examples: readonly Json[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** What its writer decides of a type. */
export type EventTypeDraft = Omit<EventTypeDefinition, 'createdAt' | 'updatedAt'>

/** The catalogue at one moment. While nothing changes, the same definitions are the same objects. */
/** Whether a type is shown to somebody who has such flags; null: to whom all are. */
export function isShownUnder(
  flags: readonly string[] | null,
  { featureFlag }: Pick<EventTypeDefinition, 'featureFlag'>,
): boolean {
  return flags === null || featureFlag === null || flags.includes(featureFlag)
}

export interface Catalogue {
  /** Grows with each change; 0: nothing was ever saved. */
  readonly revision: number
  /** By name, in order of the names. */
  readonly types: ReadonlyMap<string, EventTypeDefinition>
}

export interface SavedEventType {
  readonly type: EventTypeDefinition
  readonly breaks: readonly VersionBreak[]
}

/** The catalogue of event types, of the deployment. */
export interface EventTypes {
  /** As it is now, or was at most so many milliseconds ago. */
  catalogue(maxAgeMs?: number): Promise<Catalogue>
  /** Throws `not_found`. */
  get(name: string): Promise<EventTypeDefinition>
  /**
   * Saves types, all or none, each in place of the one of that name. Throws `invalid` with what is wrong with a schema or an
   * example (paths begin with the name where there are several), `conflict` with what a change of a published version breaks unless
   * that is accepted, `limit_reached`.
   */
  save(
    drafts: readonly EventTypeDraft[],
    /** `isTrial`: nothing is saved, and the answer is what would have been. */
    options: { readonly acceptsBreaks: boolean; readonly isTrial?: boolean },
  ): Promise<readonly SavedEventType[]>
  /** Throws `not_found`. */
  delete(name: string): Promise<void>
}

/** The versions of a type, oldest first. */
export function versionsOf({ schemas }: Pick<EventTypeDefinition, 'schemas'>): readonly string[] {
  return Object.keys(schemas).toSorted(compareVersions)
}

/** For sorting: the older version first. */
export function compareVersions(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** The newest of some versions (in their order) that is not after `pin`; with a pin of null the newest; null: all are after it. */
export function newestNotAfter(versions: readonly string[], pin: string | null): string | null {
  return versions.findLast((version) => pin === null || version <= pin) ?? null
}

/** The newest version of any type that is not archived; null while there is none. */
export function newestVersion({ types }: Pick<Catalogue, 'types'>): string | null {
  const newest = [...types.values()].flatMap((type) =>
    type.archived ? [] : versionsOf(type).slice(-1),
  )
  return newest.toSorted(compareVersions).at(-1) ?? null
}
