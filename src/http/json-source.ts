// JSON out in which parts stay the text they came as: a payload read from the log is shown exactly as its producer
// wrote it.

import { z } from 'zod'

/** JSON text to be put into an answer as it is. */
export class JsonSource {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A payload, shown exactly as it was written. */
export const Payload = z
  .custom<JsonSource>((value) => value instanceof JsonSource)
  .meta({ override: { type: 'object', description: 'The payload, exactly as it was published.' } })

/** Like `JSON.stringify`, with the text of each `JsonSource` in its place. */
export function toJsonText(value: unknown): string {
  if (value instanceof JsonSource) return value.text
  if (!holdsSource(value)) return JSON.stringify(value ?? null)
  if (Array.isArray(value)) return `[${value.map(toJsonText).join(',')}]`
  const members = Object.entries(value ?? {})
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${toJsonText(member)}`)
  return `{${members.join(',')}}`
}

function holdsSource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof JsonSource || Object.values(value).some(holdsSource)
}
