// Ports that fail in other words.

import { aroundCalls } from '../primitives/around-calls.ts'

/** A port whose methods reject with what `map` makes of their rejections. */
export function mapRejections<Port extends object>(
  port: Port,
  map: (rejection: unknown) => unknown,
): Port {
  return aroundCalls(port, async (call) => {
    try {
      return await call()
    } catch (rejection) {
      throw map(rejection)
    }
  })
}
