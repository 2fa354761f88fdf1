// Ports that fail in other words.

/** A port whose methods reject with what `map` makes of their rejections. */
export function mapRejections<Port extends object>(
  port: Port,
  map: (rejection: unknown) => unknown,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        try {
          return await Reflect.apply(member, target, args)
        } catch (rejection) {
          throw map(rejection)
        }
      }
    },
  })
}
