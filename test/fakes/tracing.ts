// Spans in memory.

import type { InSpan, SpanAttributes } from '../../src/engine/ports/index.ts'

interface RecordedSpan {
  readonly name: string
  readonly attributes: SpanAttributes
  /** Why it failed, as it said itself or was thrown; null: it did not. */
  readonly error: string | null
}

/** Nobody traces. */
export const untraced: InSpan = (_, __, work) => work({ set() {}, fail() {} })

/** Everything is traced; `spans`: those that ended, in that order. */
export function recordSpans(): {
  readonly inSpan: InSpan
  readonly spans: readonly RecordedSpan[]
} {
  const spans: RecordedSpan[] = []
  const inSpan: InSpan = async (name, about, work) => {
    let attributes = about()
    let error: string | null = null
    try {
      return await work({
        set: (more) => {
          attributes = { ...attributes, ...more }
        },
        fail: (message) => {
          error = message
        },
      })
    } catch (thrown) {
      error = String(thrown)
      throw thrown
    } finally {
      const told = Object.entries(attributes).filter(([, value]) => value !== undefined)
      spans.push({ name, attributes: Object.fromEntries(told), error })
    }
  }
  return { inSpan, spans }
}
