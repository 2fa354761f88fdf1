// The nouns of the engine.

export * from './delivery.ts'
export * from './event.ts'
export * from './failure-handling.ts'
export * from './health.ts'
export * from './job.ts'
export * from './key.ts'
export * from './shards.ts'
export * from './tenant.ts'
export * from './usage.ts'
export * from './webhook.ts'
