// Spans of the platform, which it exports by OTLP where the deployment is told to (docs/operations.md, "Traces"). Where nobody traces
// they cost next to nothing: the runtime does not record them.

import { tracing } from 'cloudflare:workers'
import type { InSpan } from '../engine/ports/index.ts'
import { describeError } from '../errors.ts'

export const inSpan: InSpan = (name, about, work) =>
  tracing.enterSpan(name, async (span) => {
    if (span.isTraced) span.setAttributes({ ...about() })
    try {
      return await work({
        set: (more) => {
          if (span.isTraced) span.setAttributes({ ...more })
        },
        fail: (message) => {
          if (span.isTraced) span.setStatus({ code: 'error', message })
        },
      })
    } catch (error) {
      if (span.isTraced) span.setStatus({ code: 'error', message: describeError(error) })
      throw error
    }
  })
