// Delays as people write them: `5s 30m 2h`, and back.

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

const WRITTEN = /^(\d{1,7}) ?(d|h|m|min|s)?$/

/** Seconds of each delay, which commas or white space part; the first that cannot be read, instead. */
export function readDelays(text: string): readonly number[] | { readonly unreadable: string } {
  const delays: number[] = []
  for (const part of text.split(/[\s,]+/).filter((one) => one !== '')) {
    const [, count, name = 's'] = WRITTEN.exec(part) ?? []
    const [, seconds] = UNITS.find(([unit]) => unit === (name === 'min' ? 'm' : name)) ?? []
    if (count === undefined || seconds === undefined) return { unreadable: part }
    delays.push(Number(count) * seconds)
  }
  return delays
}

/** One delay in its largest whole unit: `90m`, `2h`. */
export function writeDelay(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds > 0 && seconds % size === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}

/** Seconds in all units that it has, for reading: `1 h 30 min`. */
export function spanOf(seconds: number): string {
  const parts: string[] = []
  let left = seconds
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count > 0) parts.push(`${count} ${unit === 'm' ? 'min' : unit}`)
    left -= count * size
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}
