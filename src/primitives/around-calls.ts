// Ports that do something around each of their calls.

/** A port each of whose calls is made by `around`. Its methods become asynchronous, as those of all stores are. */
export function aroundCalls<Port extends object>(
  port: Port,
  around: (call: () => unknown) => Promise<unknown>,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => around(() => Reflect.apply(member, target, args))
    },
  })
}
