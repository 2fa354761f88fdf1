// What is made of the bindings, once in the life of an isolate: it takes longer to make than an event takes on its way.

import type { Bindings } from './bindings.ts'

/** `make`, remembered by its argument. What throws is made anew the next time. */
export function oncePerEnv<E extends Partial<Bindings>, Made>(
  make: (env: E) => Made,
): (env: E) => Made {
  const known = new WeakMap<E, { readonly made: Made }>()
  return (env) => {
    const before = known.get(env)
    if (before !== undefined) return before.made
    const made = make(env)
    known.set(env, { made })
    return made
  }
}
