// The one door of the engine.

export type { AcceptedEvent } from './api/publishing.ts'
export type * from './api.ts'
export { createEngine } from './create-engine.ts'
