// Numbers as pages write them.

/** US dollars and cents. */
export function inDollars(dollars: number): string {
  if (dollars > 0 && dollars < 0.01) return '< $0.01'
  return `$${dollars.toFixed(2)}`
}

/** Milliseconds as a person says it: seconds, minutes, hours or days. */
export function inWords(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const
  const [size, name] = units.find(([unit]) => ms >= unit) ?? [1_000, 's']
  return `${Math.floor(ms / size)} ${name}`
}

/** The hour and minute of an RFC 3339 time. */
export function toHour(time: string): string {
  return time.slice(11, 16)
}

/** What a field for a number holds; what is none, as it was typed. */
export function toNumber(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}
