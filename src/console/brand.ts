// The colour of a customer's product on our pages: as it was named where it can be read, else darker or lighter.

type Rgb = readonly [red: number, green: number, blue: number]

/** Grounds that text in the colour stands on, and what stands on the colour itself (assets/style.ts). */
const GROUNDS = {
  light: { below: ['#ffffff', '#f6f7f9'], towards: '#000000' },
  dark: { below: ['#171c26', '#0f131a', '#10162b'], towards: '#ffffff' },
} as const

/** WCAG 2.2, 1.4.3: of text to what is behind it; a little more, because colours are rounded. */
const LEAST_CONTRAST = 4.6
const STEPS = 40

function toRgb(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function toHex(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

/** WCAG 2.2, "relative luminance". */
function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
}

/** WCAG 2.2, "contrast ratio" of two colours such as `#2448c9`. */
export function contrastOf(one: string, other: string): number {
  const [a, b] = [luminance(toRgb(one)), luminance(toRgb(other))]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** The colour nearest to `color` that can be read in light, or in dark. */
export function readableIn(scheme: keyof typeof GROUNDS, color: string): string {
  const { below, towards } = GROUNDS[scheme]
  const [from, to] = [toRgb(color), toRgb(towards)]
  for (let step = 0; step < STEPS; step += 1) {
    const share = step / STEPS
    const [red, green, blue] = [0, 1, 2].map(
      (part) => (from[part] ?? 0) * (1 - share) + (to[part] ?? 0) * share,
    )
    const mixed = toHex([red ?? 0, green ?? 0, blue ?? 0])
    if (below.every((ground) => contrastOf(mixed, ground) >= LEAST_CONTRAST)) return mixed
  }
  return towards
}

const UNLESS_TOLD = '#2448c9'

/** What is laid over the pages' own style. */
export function brandStyle(color: string | null): string {
  if (color === null) return ''
  const [light, dark] = [readableIn('light', color), readableIn('dark', color)]
  return `:root { --accent: light-dark(${light}, ${dark}); --on-accent: light-dark(#ffffff, #10162b); }\n`
}

/** A mark that is nobody's, for the tab of a browser. */
export function brandIcon(color: string | null): string {
  const fill = color ?? UNLESS_TOLD
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><rect width="20" height="20" rx="5" fill="${fill}"/><path d="M5.5 10h8m-3-3.5 3.5 3.5-3.5 3.5" fill="none" stroke="${contrastOf(fill, '#ffffff') >= 3 ? '#ffffff' : '#10162b'}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`
}
