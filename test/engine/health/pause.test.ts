import { describe, expect, it } from 'vitest'
import { INITIAL_HEALTH, toMonitorState } from '../../../src/engine/health/health.ts'
import { slowStart } from '../../../src/engine/health/hold.ts'
import { toldPause } from '../../../src/engine/health/pause.ts'
import { nextPause, type Pause } from '../../../src/engine/model/index.ts'

const T = 1_700_000_000_000
const begun: Pause = { since: T, isOver: false }
const ended: Pause = { since: T, isOver: true }
const later: Pause = { since: T + 9, isOver: false }

describe('the pause of a webhook', () => {
  it.each<[string, Pause | null, boolean, Pause | null]>([
    ['there is none until it is paused', null, false, null],
    ['begins', null, true, { since: T + 5, isOver: false }],
    ['goes on', begun, true, begun],
    ['ends', begun, false, ended],
    ['stays over', ended, false, ended],
    ['begins anew', ended, true, { since: T + 5, isOver: false }],
    [
      'is never older than the last',
      { since: T + 9, isOver: true },
      true,
      { since: T + 10, isOver: false },
    ],
  ])('%s', (_, known, paused, next) => {
    expect(nextPause(known, { owner: paused }, T + 5)).toEqual(next)
  })

  const unverified: Pause = { since: T, isOver: false, reasons: ['unverified'] }
  const both: Pause = { since: T, isOver: false, reasons: ['owner', 'unverified'] }

  it.each<[string, Pause | null, Parameters<typeof nextPause>[1], Pause | null]>([
    ['begins for another reason', null, { unverified: true }, { ...unverified, since: T + 5 }],
    ['goes on while one reason is left', both, { owner: false }, unverified],
    ['goes on while the other is left', both, { unverified: false }, begun],
    ['has both', begun, { unverified: true }, both],
    ['ends with the last', unverified, { unverified: false }, ended],
    ['leaves what nobody names', both, {}, both],
  ])('%s', (_, known, wanted, next) => {
    expect(nextPause(known, wanted, T + 5)).toEqual(next)
  })
})

describe('a monitor that is told of a pause', () => {
  const told = (known: Pause | null, news: Pause | undefined, waiting = 0) =>
    toldPause({ ...INITIAL_HEALTH, pause: known }, news, { waiting, underWay: 0 }, T)

  it.each<[string, Pause | null, Pause | undefined, Pause | null]>([
    ['learns of it', null, begun, begun],
    ['learns of its end', begun, ended, ended],
    ['is not misled by who is late', ended, begun, ended],
    ['forgets none where nobody tells', begun, undefined, begun],
    ['learns of the next one', ended, later, later],
    ['knows the later one', later, ended, later],
    ['learns of the end of one that it was not told of', null, ended, ended],
  ])('%s', (_, known, news, next) => {
    expect(told(known, news).pause).toEqual(next)
  })

  it('tells when that changes whether what comes for it waits', () => {
    expect(toMonitorState(told(null, begun))).toMatchObject({
      version: 1,
      isHeld: true,
      isTroubled: true,
    })
    expect(toMonitorState(told(begun, ended))).toMatchObject({ version: 1, isHeld: false })
    expect(told(null, ended).version).toBe(0)
    expect(told(begun, begun).version).toBe(0)
  })

  it('lets what waits leave as after a hold', () => {
    expect(told(begun, ended, 3).hold).toEqual(slowStart(T))
    expect(told(begun, ended, 0).hold).toBeNull()
    expect(told(begun, later, 3).hold).toBeNull()
  })
})
