// Charts as SVG, each with the same as a table for who cannot see it.

interface Bar {
  readonly name: string
  readonly value: number
  /** What stands on top of it, in the colour of failures. */
  readonly failed?: number
}

interface BarChartProps {
  readonly says: string
  readonly bars: readonly Bar[]
  /** What the values are called, and those on top of them; without these the chart has no legend. */
  readonly names?: readonly [value: string, failed: string]
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [480, 160, 40, 22, 10] as const

/** A bar for each, the highest of which fills the height. */
export function BarChart({ says, bars, names }: BarChartProps) {
  const top = ceiling(Math.max(1, ...bars.map(({ value, failed = 0 }) => value + failed)))
  const room = (WIDTH - LEFT) / Math.max(bars.length, 1)
  const width = Math.min(room * 0.75, 34)
  const heightOf = (value: number) =>
    value === 0 ? 0 : Math.max(1, (value / top) * (HEIGHT - BOTTOM - TOP))
  const base = HEIGHT - BOTTOM
  return (
    <figure>
      {names && (
        <figcaption class="legend small">
          <span class="delivered">{names[0]}</span>
          <span class="failed">{names[1]}</span>
        </figcaption>
      )}
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={says}>
        {[0, 0.5, 1].map((part) => {
          const y = base - part * (HEIGHT - BOTTOM - TOP)
          return (
            <>
              <line class="axis" x1={LEFT} x2={WIDTH} y1={y} y2={y} />
              <text x={LEFT - 6} y={y + 4} text-anchor="end">
                {short(top * part)}
              </text>
            </>
          )
        })}
        {bars.map((bar, index) => {
          const { value, failed = 0 } = bar
          const x = LEFT + room * index + (room - width) / 2
          const [height, onTop] = [heightOf(value), heightOf(failed)]
          return (
            <g>
              <title>{sentenceOf(bar, names)}</title>
              <rect class="room" x={x} y={TOP} width={width} height={base - TOP} />
              <rect
                class="delivered"
                x={x}
                y={base - height}
                width={width}
                height={height}
                rx="1.5"
              />
              {onTop > 0 && (
                <rect
                  class="failed"
                  x={x}
                  y={base - height - onTop}
                  width={width}
                  height={onTop}
                  rx="1.5"
                />
              )}
            </g>
          )
        })}
        {endsOf(bars).map(({ name, index }) => (
          <text
            x={LEFT + room * index + (index === 0 ? 0 : room)}
            y={HEIGHT - 6}
            text-anchor={index === 0 ? 'start' : 'end'}
          >
            {name}
          </text>
        ))}
      </svg>
      <details class="more">
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th>When</th>
              <th class="number">{names?.[0] ?? says}</th>
              {names && <th class="number">{names[1]}</th>}
            </tr>
          </thead>
          <tbody>
            {bars.map(({ name, value, failed = 0 }) => (
              <tr>
                <td>{name}</td>
                <td class="number">{value.toLocaleString('en')}</td>
                {names && <td class="number">{failed.toLocaleString('en')}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

function sentenceOf({ name, value, failed = 0 }: Bar, names: BarChartProps['names']): string {
  const count = value.toLocaleString('en')
  if (!names) return `${name}: ${count}`
  return `${name}: ${count} ${names[0]}, ${failed.toLocaleString('en')} ${names[1]}`
}

/** The first and the last of them. */
function endsOf(
  bars: readonly Bar[],
): readonly { readonly name: string; readonly index: number }[] {
  const last = bars.length - 1
  return bars.flatMap(({ name }, index) => (index === 0 || index === last ? [{ name, index }] : []))
}

/** The next number that reads well, and so does its half: 2, 4, 6, 8 or 10 and zeros. */
function ceiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * unit >= value) ?? 10
  return Math.max(2, step * unit)
}

function short(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact' }).format(value)
}
