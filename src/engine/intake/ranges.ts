// Who gets which data of an event, as the event has it: versions of webhooks' pins, joined to ranges. In: what each version has; out:
// `Event.versions`, and `data` for whoever is pinned to none.

import type { assignData } from '../catalogue/assign-data.ts'
import type { DataRange, EventDraft, VersionData } from '../model/index.ts'

type Assigned = Pick<Awaited<ReturnType<typeof assignData>>, 'versions' | 'held' | 'missing'>

/** Data of a range; null where there is none for it. */
interface WholeRange extends DataRange {
  readonly data: string | null
}

/** A draft, and who gets which of its data. */
export interface RangedDraft extends EventDraft {
  /** As the event has them: `Event.versions`. */
  readonly ranges?: readonly DataRange[]
}

/** Ranges of data that nothing is known of but the names of its versions. */
export function rangesGiven({ versions = [] }: EventDraft): readonly WholeRange[] {
  return versions.toReversed().map(({ version, data }) => ({ from: version, version, data }))
}

/** Versions that lie side by side and have the same data are one range. */
export function rangesOf({ versions, held, missing }: Assigned): readonly WholeRange[] {
  const ranges: WholeRange[] = []
  let last: { readonly data: VersionData | null; readonly failure: string | undefined } | null =
    null
  for (const version of versions) {
    const data = held.get(version) ?? null
    const failure = missing.get(version)
    const told =
      failure && `The conversion of ${failure.from} to ${failure.to} fails: ${failure.reason}`
    if (last === null || last.data !== data || last.failure !== told) {
      ranges.push({
        from: version,
        version: data?.version ?? null,
        data: data?.data ?? null,
        ...(told !== undefined && { failure: told }),
      })
    }
    last = { data, failure: told }
  }
  return ranges
}

/**
 * `data` that is for everybody needs no range, and the data of the newest range is not stored twice. `isMade`: there is data that its
 * producer did not write, so that it is told of which version each is.
 */
export function withRanges(
  draft: EventDraft,
  ranges: readonly WholeRange[],
  isMade = false,
): RangedDraft {
  const isAlone = draft.versions === undefined && !isMade
  if (ranges.length === 0 || (isAlone && ranges.length === 1)) return draft
  const newest = ranges.findLastIndex(({ data }) => data !== null)
  return {
    ...draft,
    data: ranges[newest]?.data ?? draft.data,
    ranges: ranges.map(({ version, data, ...range }, index) => ({
      ...range,
      version: isAlone ? null : version,
      ...(index === newest ? {} : { data }),
    })),
  }
}
