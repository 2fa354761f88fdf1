// What a command works with: Hookline's API for whoever asks, and where its answer goes.

import { type Command, InvalidArgumentError } from 'commander'
import { Api } from './api.ts'
import { createOutput, type Output } from './output.ts'
import { findProfile } from './profiles.ts'

export interface GlobalOptions {
  readonly profile?: string
  readonly tenant?: string
  /** Undefined: lines of JSON in a pipe, and not on a terminal. */
  readonly json?: boolean
}

interface Context {
  readonly api: Api
  readonly output: Output
}

/** Throws `Failure` where there is no token. */
export function contextOf(command: Command): Context {
  return { api: new Api(findProfile(globalsOf(command))), output: outputOf(command) }
}

export function globalsOf(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>()
}

export function outputOf(command: Command): Output {
  return createOutput(globalsOf(command).json)
}

/** A URL that can be asked, such as that of a receiver. */
export function parseHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol)) return url
  throw new InvalidArgumentError(
    'Expected a URL with http or https, such as http://localhost:3000/hooks.',
  )
}

/** An option that is a whole number from 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1.')
}

/** An option that is a list, with commas. */
export function parseList(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.every((item) => item !== '')) return items
  throw new InvalidArgumentError('Expected names, with commas between them.')
}

/** As RFC 3339 writes it, and a day alone; without a zone it is that of this machine. `Date.parse` takes `5` as well, for May 2001. */
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/i

/** A time, or how long ago (`90s`, `30m`, `2h`, `1d`), as RFC 3339. */
export function parseTime(text: string): string {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit]
  if (count !== undefined && ms !== undefined) {
    return new Date(Date.now() - Number(count) * ms).toISOString()
  }
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Expected a time such as 2026-11-28T10:00:00Z, or 30m, 2h, 1d.')
  }
  return new Date(time).toISOString()
}
