// How events travel and rest: values as JSON in the first line, payloads after it, exactly as their producer wrote
// them. So a payload is never escaped (which can double it) nor parsed on its way.

/** How a frame is written. */
export const FRAME_VERSION = 1

/** What no JSON starts with: tells a frame from what others send. */
const PREFIX = `frame/${FRAME_VERSION} `

/** A JSON value as a text in which every string named `data` stands unescaped after the first line. */
export function frame(value: unknown): string {
  const payloads: string[] = []
  const line = JSON.stringify(value, (name, part: unknown) => {
    if (name !== 'data' || typeof part !== 'string') return part
    payloads.push(part)
    return part.length
  })
  return `${PREFIX}${line}\n${payloads.join('')}`
}

/** The JSON of the frame in a column, as SQL: for a statement that looks for a value in it, and never for a payload. */
export function framedLine(column: string): string {
  const from = PREFIX.length + 1
  return `substr(${column}, ${from}, instr(${column}, char(10)) - ${from})`
}

/** Whether a text claims to be a frame. */
export function isFrame(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(PREFIX)
}

/** The value of a frame. Throws SyntaxError for a damaged one. */
export function unframe(text: string): unknown {
  const end = text.indexOf('\n')
  let from = end + 1
  const value = parse(text.slice(PREFIX.length, end), (name, part) => {
    if (name !== 'data' || typeof part !== 'number') return part
    from += part
    return text.slice(from - part, from)
  })
  if (from !== text.length)
    throw new SyntaxError('The payloads do not have the length the frame says.')
  return value
}

type Revive = (name: string, part: unknown) => unknown

/** A reviver visits what it is given recursively: nesting it does not survive is damage like any other. */
function parse(line: string, revive: Revive): unknown {
  try {
    return JSON.parse(line, revive)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new SyntaxError('The frame is nested too deep.', { cause: error })
  }
}

/** UTF-8 bytes of a text. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength
}
