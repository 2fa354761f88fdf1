// What the demonstration shows, in 80 columns: what has been done above, and below it, redrawn in place, how every webhook
// fares and the latest requests. Without a terminal, and when the story is over: a line per request, below each other.

import { stripVTControlCharacters, styleText } from 'node:util'
import { type Channel, type Published, tally } from './channel.ts'
import { isSuccess, type Receipt } from './receiver.ts'
import { renderTable, toWidth } from './table.ts'

/** Milliseconds between two drawings. */
const REDRAW_MS = 100
/** Requests shown below the table. */
const LATEST = 10
/** Columns and rows assumed without a terminal. */
const COLUMNS = 80
const ROWS = 40
/** Characters of a body that is shown in full. */
const BODY = 1_000
/** Columns from which a line has room for the header that proves a request. */
const WIDE = 110

/** Control sequences of a terminal: hide the cursor and cut lines at the edge instead of wrapping them; and back. */
const BEGIN_DRAWING = '\x1b[?25l\x1b[?7l'
const END_DRAWING = '\x1b[?7h\x1b[?25h'

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

export class Screen {
  readonly published: Published[] = []
  /** Whether the lower part is redrawn in place. */
  private readonly isLive = process.stdout.isTTY === true
  /** The story is told: what comes now is somebody's own, and shown in full. */
  private isOver = false
  private channels: readonly Channel[] = []
  private readonly latest: Receipt[] = []
  private readonly startedAt = performance.now()
  private doing = ''
  private drawnLines = 0
  private timer: NodeJS.Timeout | undefined

  /** Says what is being done from now on. */
  start(doing: string): void {
    this.doing = doing
    if (!this.isLive) console.log(`\n… ${doing}`)
    else this.timer ??= setInterval(() => this.draw(), REDRAW_MS)
  }

  /** Says what has been done, with details below its first line; stays on the screen. */
  done(what: string): void {
    this.erase()
    const [title = '', ...details] = what.split('\n')
    console.log(`${styleText('green', '✓')} ${title}`)
    for (const detail of details) console.log(`  ${detail}`.trimEnd())
    if (this.isLive) this.draw()
    else if (this.channels.length > 0) console.log(`\n${this.table().join('\n')}`)
  }

  /** Shows these webhooks, and every request that their receivers get. */
  watch(channels: readonly Channel[]): void {
    this.channels = channels
    for (const { receiver } of channels) receiver.onReceipt = (receipt) => this.show(receipt)
  }

  private show(receipt: Receipt): void {
    this.latest.push(receipt)
    if (this.latest.length > LATEST) this.latest.shift()
    if (this.isOver) console.log(this.inFull(receipt))
    else if (!this.isLive) console.log(this.line(receipt))
  }

  /** Leaves the table as it is and stops drawing; each request from now on is shown in full, below the one before. */
  end(): void {
    this.isOver = true
    clearInterval(this.timer)
    if (!this.isLive) return
    this.erase()
    if (this.channels.length > 0) console.log(`\n${this.table().join('\n')}\n`)
    process.stdout.write(END_DRAWING)
  }

  private draw(): void {
    this.erase()
    const seconds = (performance.now() - this.startedAt) / 1_000
    const spinner = SPINNER[Math.floor(seconds * 10) % SPINNER.length]
    const lines = [
      `${styleText('cyan', `${spinner} ${this.doing}`)} ${styleText('dim', `${seconds.toFixed(0)} s`)}`,
    ]
    const rows = Math.max((process.stdout.rows ?? ROWS) - 1, 1)
    if (this.channels.length > 0) {
      lines.push('', ...this.table(), '', styleText('bold', 'Latest requests'))
      const room = Math.max(rows - lines.length, 0)
      const latest = room === 0 ? [] : this.latest.slice(-room)
      lines.push(...latest.map((receipt) => this.line(receipt)))
    }
    const shown = lines.slice(0, rows)
    process.stdout.write(`${BEGIN_DRAWING}${shown.join('\n')}\n${END_DRAWING}\x1b[?25l`)
    this.drawnLines = shown.length
  }

  private erase(): void {
    if (this.drawnLines > 0) process.stdout.write(`\x1b[${this.drawnLines}A\x1b[J`)
    this.drawnLines = 0
  }

  private table(): string[] {
    const rows = this.channels.map((channel) => {
      const { due, missing, refused, wrong } = tally(channel, this.published)
      const { status, totals } = channel.health
      const arrived = due.length - missing.length
      const verified = channel.receiver.receipts.length - wrong.length
      return [
        { text: channel.plan.receiver },
        { text: status, style: status === 'active' ? ('green' as const) : ('red' as const) },
        {
          text: `${arrived}/${due.length}`,
          style: missing.length === 0 ? ('green' as const) : ('yellow' as const),
        },
        { text: String(refused), style: refused === 0 ? ('dim' as const) : ('yellow' as const) },
        {
          text: String(totals.diverted),
          style: totals.diverted === 0 ? ('dim' as const) : ('yellow' as const),
        },
        {
          text: `${verified}/${channel.receiver.receipts.length}`,
          style: wrong.length === 0 ? ('green' as const) : ('red' as const),
        },
        { text: channel.surface },
      ]
    })
    const heads = ['receiver', 'status', 'arrived', 'failed', 'diverted', 'verified', 'surface']
    return renderTable(heads, rows)
  }

  private line(receipt: Receipt): string {
    const columns = process.stdout.columns ?? COLUMNS
    const { header } = receipt.proof
    const head = this.head(receipt, columns < WIDE ? '' : `${toWidth(header, 16)} `)
    const room = columns - stripVTControlCharacters(head).length - 2
    const body = toWidth(receipt.request.body, Math.max(room, 12)).trimEnd()
    return `${head}  ${styleText('dim', body)}`
  }

  private inFull(receipt: Receipt): string {
    const { body } = receipt.request
    const shown = body.length > BODY ? `${body.slice(0, BODY)}…` : body
    return `${this.head(receipt).trimEnd()}\n  ${styleText('dim', shown)}`
  }

  /** When, who, what was answered, about which event, and whether its sender is proven. */
  private head({ receiver, request, status, eventId, proof }: Receipt, header = ''): string {
    const time = request.at.toISOString().slice(11, 23)
    const answered = styleText(isSuccess({ status }) ? 'green' : 'red', String(status))
    const mark = proof.isGenuine ? styleText('green', '✓') : styleText('red', '✗')
    const proven = `${header}${mark} ${toWidth(proof.by, 16)}`
    return `${time}  ${toWidth(receiver, 12)}  ${answered}  …${eventId.slice(-6)}  ${proven}`
  }
}
