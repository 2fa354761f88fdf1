// EveryPoint says nothing about retries, so the platform's default applies. Its API shows no suspension and lifts none
// (docs/contracts/delivery.md, "Suspension").

export { NEVER_SUSPENDING as policy } from '../../engine/attempt/failure-handling.ts'
