// Charts as SVG, each with the same as a table for who cannot see it.

interface Bar {
  readonly name: string
  readonly value: number
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 180, 46, 22, 10] as const

/** A bar for each, the highest of which fills the height. */
export function BarChart({ says, bars }: { readonly says: string; readonly bars: readonly Bar[] }) {
  const top = ceiling(Math.max(1, ...bars.map(({ value }) => value)))
  const room = (WIDTH - LEFT) / Math.max(bars.length, 1)
  const width = Math.min(room * 0.75, 34)
  const heightOf = (value: number) => (value / top) * (HEIGHT - BOTTOM - TOP)
  const base = HEIGHT - BOTTOM
  return (
    <figure>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={says}>
        {[0, 0.5, 1].map((part) => {
          const y = base - heightOf(top * part)
          return (
            <>
              <line class="axis" x1={LEFT} x2={WIDTH} y1={y} y2={y} />
              <text x={LEFT - 6} y={y + 4} text-anchor="end">
                {short(top * part)}
              </text>
            </>
          )
        })}
        {bars.map(({ name, value }, index) => {
          const x = LEFT + room * index + (room - width) / 2
          const height = value === 0 ? 0 : Math.max(1, heightOf(value))
          return (
            <rect class="delivered" x={x} y={base - height} width={width} height={height} rx="1.5">
              <title>{`${name}: ${value.toLocaleString('en')}`}</title>
            </rect>
          )
        })}
        {endsOf(bars).map(({ name, index }) => (
          <text
            x={LEFT + room * index + room / 2}
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
              <th class="number">{says}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map(({ name, value }) => (
              <tr>
                <td>{name}</td>
                <td class="number">{value.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

/** The first and the last of them. */
function endsOf(
  bars: readonly Bar[],
): readonly { readonly name: string; readonly index: number }[] {
  const last = bars.length - 1
  return bars.flatMap(({ name }, index) => (index === 0 || index === last ? [{ name, index }] : []))
}

/** The next number that reads well: 1, 2 or 5 and zeros. */
function ceiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 5, 10].find((one) => one * unit >= value) ?? 10
  return Math.max(2, step * unit)
}

function short(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact' }).format(value)
}
