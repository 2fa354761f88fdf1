// What the engine needs from a platform. Each interface is implemented in `platform/` (and that of dialects in `dialects/`), and
// has a contract suite in `test/contracts/` that every implementation runs.

export * from './activity-store.ts'
export * from './components.ts'
export * from './deliver-message.ts'
export * from './deployment-jobs.ts'
export * from './diagnostics.ts'
export * from './dialect.ts'
export * from './event-log.ts'
export * from './idempotency.ts'
export * from './log-line.ts'
export * from './notices.ts'
export * from './outgoing.ts'
export * from './queues.ts'
export * from './runtime.ts'
export * from './sessions.ts'
export * from './stores.ts'
export * from './webhook-monitor.ts'
