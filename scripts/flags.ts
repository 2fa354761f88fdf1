// Flags of a command line that passes through to wrangler.

/** A flag and its value as `--name=value`, whichever way it was given; empty when it was not. */
export function flagOf(flags: readonly string[], name: string): string[] {
  const index = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`))
  const flag = flags[index]
  if (flag === undefined) return []
  return flag === name ? [name, flags[index + 1] ?? ''] : [flag]
}

/** The value of a flag; null when it was not given. */
export function readFlag(flags: readonly string[], name: string): string | null {
  const [flag, value] = flagOf(flags, name)
  if (flag === undefined) return null
  return value ?? flag.slice(name.length + 1)
}
