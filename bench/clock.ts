// The clock of everything here: CLOCK_MONOTONIC, which is one and the same for all processes of a machine, so that what one
// process sent and another received can be subtracted.

/** Milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
