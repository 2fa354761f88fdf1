// What the demonstration prints: fits a terminal of 80 columns, and shows what comes after the story too.

import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Channel } from '../../demo/channel.ts'
import type { Receipt } from '../../demo/receiver.ts'
import { Screen } from '../../demo/screen.ts'

const receipt = (fields: Partial<Receipt['request']> = {}): Receipt => ({
  receiver: 'clinic-north',
  request: {
    at: new Date('2026-11-22T10:00:00.000Z'),
    method: 'POST',
    path: '/',
    headers: {},
    body: '{"type":"my.own","timestamp":"2026-11-22T10:00:00.000Z","data":{"hello":"world"}}',
    ...fields,
  },
  status: 204,
  eventId: '01a214de-1907-7098-a392-faea7e80bf00',
  proof: { header: 'v1,UfoB7+FtojzhslI/Ac1gYKBCivyex3GC', isGenuine: true, by: 'standardwebhooks' },
})

let printed = ''
const lines = () => stripVTControlCharacters(printed).split('\n')

/** A screen that watches one webhook with the longest words of the demonstration. */
function open(isTTY: boolean) {
  Object.assign(process.stdout, { isTTY, columns: isTTY ? 80 : undefined, rows: 40 })
  const receiver = { name: 'clinic-north', receipts: [receipt()], onReceipt: (_: Receipt) => {} }
  const totals = { delivered: 1_000, failed: 0, diverted: 1_000 }
  const health = { status: 'suspended', totals }
  const plan = { receiver: 'clinic-north', about: 'x', wants: () => true }
  const channel = { surface: 'CrazyGoldFish', plan, receiver, webhookId: 'w', health }
  const screen = new Screen()
  screen.watch([channel as unknown as Channel])
  return { screen, arrive: () => receiver.onReceipt(receipt()) }
}

beforeEach(() => {
  printed = ''
  vi.useFakeTimers()
  vi.spyOn(console, 'log').mockImplementation((text = '') => {
    printed += `${text}\n`
  })
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})

const { isTTY, columns, rows } = process.stdout

afterEach(() => {
  Object.assign(process.stdout, { isTTY, columns, rows })
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe.each([
  ['a terminal', true],
  ['a pipe', false],
])('on %s', (_, isTTY) => {
  it('no line is longer than 80 columns', () => {
    const { screen, arrive } = open(isTTY)
    screen.start('Publishing')
    arrive()
    screen.done('Published')
    screen.end()
    expect(lines().filter((line) => line.length > 80)).toEqual([])
    expect(lines().filter((line) => line.startsWith('clinic-north  suspended'))).not.toEqual([])
  })

  it('what arrives after the story is shown in full', () => {
    const { screen, arrive } = open(isTTY)
    screen.start('Publishing')
    screen.end()
    printed = ''
    arrive()
    expect(lines()).toEqual([
      '10:00:00.000  clinic-north  204  …80bf00  ✓ standardwebhooks',
      '  {"type":"my.own","timestamp":"2026-11-22T10:00:00.000Z","data":{"hello":"world"}}',
      '',
    ])
  })
})
