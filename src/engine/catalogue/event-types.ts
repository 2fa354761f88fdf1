// The catalogue of event types as its writers change it.

import { EngineError, type Issue, notFound } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { invalidInput } from '../../primitives/validate.ts'
import { CONVERSIONS } from '../expressions/bounds.ts'
import { ListedEventType } from '../model/event-type.ts'
import type {
  Catalogue,
  EventTypeDefinition,
  EventTypeDraft,
  EventTypes,
  SavedEventType,
  VersionBreak,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { breaksOfChange, definitionFlaws, isOfPublishedVersion } from './check-definition.ts'
import { Steps } from './steps.ts'

/** Times a change is tried again when another one came between. */
const TRIES = 5

export function createEventTypes({
  clock,
  eventTypes,
}: Pick<Ports, 'clock' | 'eventTypes'>): EventTypes {
  const write = async <T>(
    change: (catalogue: Catalogue) => {
      readonly saved: readonly EventTypeDefinition[]
      readonly deleted: readonly string[]
      readonly answer: T
    },
  ): Promise<T> => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const catalogue = await eventTypes.current(0)
      const { answer, ...changed } = change(catalogue)
      if (await eventTypes.write({ ...changed, revision: catalogue.revision })) return answer
    }
    throw new EngineError('conflict', 'The catalogue is being changed by others. Try again.')
  }

  return {
    catalogue: (maxAgeMs = 0) => eventTypes.current(maxAgeMs),
    async get(name) {
      const found = (await eventTypes.current(0)).types.get(name)
      if (found === undefined) throw notFound('event type')
      return found
    },
    async save(drafts, { acceptsBreaks, isTrial = false }) {
      const pathOf = (name: string) => (drafts.length === 1 ? [] : [name])
      const named = drafts.flatMap(({ name }) => {
        const flaw = ListedEventType.safeParse(name).error?.issues[0]
        return flaw ? [{ path: [...pathOf(name), 'name'], message: flaw.message }] : []
      })
      if (named.length > 0) throw invalidInput(named)
      const steps = {
        checking: new Steps(CATALOGUE.requestSteps),
        converting: new Steps(CONVERSIONS.savedSteps),
      }
      const flaws: Issue[] = []
      for (const draft of drafts) {
        const found = await definitionFlaws(draft, steps)
        flaws.push(
          ...found.map(({ path, message }) => ({
            path: [...pathOf(draft.name), ...path],
            message,
          })),
        )
      }
      if (flaws.length > 0) throw invalidInput(flaws)
      const change = (catalogue: Catalogue) => {
        const answer = drafts.map((draft) => toSaved(draft, catalogue, clock()))
        if (!acceptsBreaks) refuseBreaks(answer, pathOf)
        const saved = answer.map(({ type }) => type)
        checkRoom(catalogue, saved)
        return { saved, deleted: [], answer }
      }
      return isTrial ? change(await eventTypes.current(0)).answer : write(change)
    },
    delete: (name) =>
      write(({ types }) => {
        if (!types.has(name)) throw notFound('event type')
        return { saved: [], deleted: [name], answer: undefined }
      }),
  }
}

function toSaved(draft: EventTypeDraft, { types }: Catalogue, now: number): SavedEventType {
  const before = types.get(draft.name) ?? null
  return {
    type: { ...draft, createdAt: before?.createdAt ?? now, updatedAt: now },
    breaks: breaksOfChange(before, draft),
  }
}

/** Throws `conflict` for what breaks a version that webhooks may be pinned to. */
function refuseBreaks(
  saved: readonly SavedEventType[],
  pathOf: (name: string) => Issue['path'],
): void {
  const issues = saved.flatMap(({ type, breaks }) =>
    breaks.filter(isOfPublishedVersion).map((each) => ({
      path: [...pathOf(type.name), ...placeOf(each)],
      message: describeBreak(each),
    })),
  )
  if (issues.length === 0) return
  const message =
    'This changes versions that are published already in ways that may break whoever publishes or receives them. ' +
    'Add a version, or repeat the request with acceptBreaks=true.'
  throw new EngineError('conflict', message, { issues: issues.slice(0, 100) })
}

/** Where in the request it stands, or is missing. */
function placeOf({ kind, from }: VersionBreak): Issue['path'] {
  return kind.startsWith('conversion_') ? ['conversions'] : ['schemas', from]
}

function describeBreak({ kind, path }: VersionBreak): string {
  return `${kind} at ${path}`
}

/** Throws `limit_reached` where the catalogue would be too large. */
function checkRoom({ types }: Catalogue, saved: readonly EventTypeDefinition[]): void {
  const after = new Map([...types, ...saved.map((type) => [type.name, type] as const)])
  if (after.size > CATALOGUE.types) {
    throw new EngineError(
      'limit_reached',
      `The catalogue may have at most ${CATALOGUE.types} types.`,
    )
  }
  let chars = 0
  for (const type of after.values()) chars += JSON.stringify(type).length
  if (chars > CATALOGUE.chars) {
    const message = `The definitions of all types may have at most ${CATALOGUE.chars} characters together.`
    throw new EngineError('limit_reached', message)
  }
}
