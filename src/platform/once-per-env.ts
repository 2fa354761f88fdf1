// What is made of the bindings, once in the life of an isolate: it takes longer to make than an event takes on its way.

import type { Env } from './env.ts'

/** `make`, remembered by its argument. What throws is made anew the next time. */
export function oncePerEnv<Bindings extends Partial<Env>, Made>(
  make: (env: Bindings) => Made,
): (env: Bindings) => Made {
  const known = new WeakMap<Bindings, { readonly made: Made }>()
  return (env) => {
    const before = known.get(env)
    if (before !== undefined) return before.made
    const made = make(env)
    known.set(env, { made })
    return made
  }
}
