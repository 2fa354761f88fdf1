// CrazyGoldFish says nothing about retries, so the platform's default applies (contracts/delivery.md).

export { DEFAULT_FAILURE_HANDLING as policy } from '../../engine/pipeline/failure-handling.ts'
