// Which data each version of a type gets of an event. In: what was published, by version, and the conversions of the type; out: the data
// of every version that has some, and why others that should have been made have none.

import {
  type Conversion,
  compareVersions,
  type EventTypeDefinition,
  type VersionData,
  versionsOf,
} from '../model/index.ts'
import type { Converted, NotConverted } from './convert.ts'

/** A version whose data could not be made. */
export interface FailedConversion extends Omit<NotConverted, 'kind'> {
  readonly from: string
  readonly to: string
}

interface Assigned {
  /** Every version that there is, of the type or of what was published, oldest first. */
  readonly versions: readonly string[]
  /** By version what its webhooks get: as it was published, or made. */
  readonly held: ReadonlyMap<string, VersionData>
  readonly made: readonly VersionData[]
  readonly failed: readonly FailedConversion[]
  /** Versions without data, because what they would have been made of could not be made, and why that. */
  readonly missing: ReadonlyMap<string, FailedConversion>
}

interface Means {
  /** Whether data may be used as it is for a version of the type. */
  readonly isFit: (version: string, data: VersionData) => boolean
  /** Valid data of the version that the conversion makes, or why there is none. */
  readonly convert: (conversion: Conversion, data: string) => Promise<Converted>
}

/**
 * Data is, first, for the version under which it was published. A version to which conversions lead gets what one of them makes, with the
 * fewest conversions on the way and then of the newest version: also where data of another one would be valid under it, which need not mean
 * the same there. To other versions data goes as it is, as far as it is fit, without a gap: to later ones, and the oldest that was
 * published to earlier ones. That is so last, too, for versions of which all conversions begin nowhere.
 */
export async function assignData(
  type: Pick<EventTypeDefinition, 'schemas' | 'conversions'>,
  published: readonly VersionData[],
  { isFit, convert }: Means,
): Promise<Assigned> {
  const { conversions } = type
  const own = new Map(published.map((each) => [each.version, each] as const))
  const held = new Map(own)
  const missing = new Map<string, FailedConversion>()
  const failed: FailedConversion[] = []
  const versions = [...new Set([...versionsOf(type), ...own.keys()])].toSorted(compareVersions)
  const isOpen = (version: string) => !held.has(version) && !missing.has(version)
  const targets = new Set(conversions.map(({ to }) => to))
  const unfit = new Set<string>()
  let waitsForConversions = true

  /** As it is, from version to version, until there is one for which it is not. */
  const spread = (data: VersionData, way: readonly string[]) => {
    for (const version of way) {
      const isOthers = own.has(version) || missing.has(version)
      if (isOthers || (waitsForConversions && targets.has(version))) return
      const holder = held.get(version)
      if (holder === data) continue
      const tried = `${version}\n${data.version}`
      if (holder !== undefined || unfit.has(tried)) return
      if (!isFit(version, data)) {
        unfit.add(tried)
        return
      }
      held.set(version, data)
    }
  }
  const spreadAll = () => {
    const sources = [...own.values()].toSorted((one, other) =>
      compareVersions(one.version, other.version),
    )
    for (const [index, source] of sources.entries()) {
      const at = versions.indexOf(source.version)
      if (index === 0) spread(source, versions.slice(0, at).toReversed())
      spread(source, versions.slice(at + 1))
    }
  }
  /** Of each version that has none yet what leads to it from data that is there. */
  const nextConversions = () =>
    versions.filter(isOpen).flatMap((version) => {
      const ways = conversions.filter(({ from, to }) => to === version && held.has(from))
      return ways.toSorted((one, other) => compareVersions(other.from, one.from)).slice(0, 1)
    })
  const follow = async (conversion: Conversion) => {
    const { from, to } = conversion
    const converted = await convert(conversion, held.get(from)?.data ?? '')
    if (converted.kind === 'converted') {
      const data = { version: to, data: converted.data }
      own.set(to, data)
      held.set(to, data)
      return
    }
    const { code, reason } = converted
    failed.push({ from, to, code, reason })
    missing.set(to, { from, to, code, reason })
  }
  /** What would be made of what could not be made. */
  const passOn = () => {
    const broken = conversions.filter(({ from, to }) => isOpen(to) && missing.has(from))
    for (const { from, to } of broken) {
      const cause = missing.get(from)
      if (cause !== undefined) missing.set(to, cause)
    }
    return broken.length > 0
  }

  for (;;) {
    spreadAll()
    const next = nextConversions()
    for (const conversion of next) await follow(conversion)
    if (next.length > 0 || passOn()) continue
    if (!waitsForConversions) break
    waitsForConversions = false
  }
  const made = [...own.values()].filter((each) => !published.includes(each))
  return { versions, held, made, failed, missing }
}
