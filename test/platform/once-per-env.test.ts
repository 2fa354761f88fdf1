import { describe, expect, it } from 'vitest'
import { oncePerEnv } from '../../src/platform/once-per-env.ts'

describe('what is made of the bindings', () => {
  it('is made once for an env, and anew for another', () => {
    let made = 0
    const of = oncePerEnv(({ DELAY_SCALE }: { readonly DELAY_SCALE: string }) => {
      made += 1
      return `${DELAY_SCALE} ${made}`
    })
    const [first, second] = [{ DELAY_SCALE: '1' }, { DELAY_SCALE: '1' }]
    expect([of(first), of(first), of(second), of(first)]).toEqual(['1 1', '1 1', '1 2', '1 1'])
  })

  it('is tried again after it threw, and remembered even when it is nothing', () => {
    let tries = 0
    const of = oncePerEnv((_: { readonly DELAY_SCALE: string }): undefined => {
      tries += 1
      if (tries === 1) throw new Error('not yet')
    })
    const env = { DELAY_SCALE: '1' }
    expect(() => of(env)).toThrow('not yet')
    expect([of(env), of(env), tries]).toEqual([undefined, undefined, 2])
  })
})
