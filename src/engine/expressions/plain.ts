// Values to compute with: numbers in place of what was written for them.

import { isFunctionLike, type Meter } from './meter.ts'
import { WrittenNumber } from './written-number.ts'

/** The value with numbers that JavaScript holds. Throws `ExpressionFailure` for one that it does not hold. */
export function toPlain(value: unknown, meter: Meter): unknown {
  if (value instanceof WrittenNumber) return value.toNumber()
  if (typeof value !== 'object' || value === null || !hasWritten(value)) return value
  meter.charge(value)
  return copied(value)
}

function hasWritten(value: unknown): boolean {
  if (value instanceof WrittenNumber) return true
  if (typeof value !== 'object' || value === null || isFunctionLike(value)) return false
  return Object.values(value).some(hasWritten)
}

function copied(value: unknown): unknown {
  if (value instanceof WrittenNumber) return value.toNumber()
  if (typeof value !== 'object' || value === null || isFunctionLike(value)) return value
  if (Array.isArray(value)) {
    // A sequence of the library stays one.
    const flags = Object.entries(value).filter(([name]) => !/^\d+$/.test(name))
    return Object.assign(value.map(copied), Object.fromEntries(flags))
  }
  const made: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(value)) made[name] = copied(member)
  return made
}
