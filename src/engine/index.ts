// The one door of the engine.

export type * from './api.ts'
export { createEngine } from './create-engine.ts'
