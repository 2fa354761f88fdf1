// Lets one call of a port go wrong: the k-th, in one of several ways. `clock`, `random`, `log`, `wait` and `background`
// are no calls that can fail: they are the platform under our feet.

/**
 * What happens to one call. `before`: it fails and has no effect. `after`: it fails and has its effect. `stall`: it has
 * none, and never answers. `mute`: it has its effect, and never answers. `hang`: whoever calls dies before its effect;
 * `die`: after it.
 */
export type FaultMode = 'before' | 'after' | 'stall' | 'mute' | 'hang' | 'die'

export interface Fault {
  /** Which call, from 1, among those that `port` selects. */
  readonly call: number
  readonly mode: FaultMode
  /** Calls whose name starts so; '' selects all. */
  readonly port: string
}

/** The fault that came about. */
export interface Fired {
  readonly name: string
  readonly mode: FaultMode
  /** The batch that made the call; null for an owner, a producer, or an object. */
  readonly batch: number | null
  /** Requests sent before. */
  readonly sent: number
  readonly at: number
}

export class InjectedFault extends Error {}

export class Injector {
  /** Calls so far since the fault was set, by its selection. */
  calls = 0
  /** Ports that cannot be reached, by how their names start. */
  readonly down = new Set<string>()
  /** How often something went wrong so far. */
  mishaps = 0
  fired: Fired | null = null
  /** Names of the calls that were counted, in order. */
  readonly names: string[] = []
  private fault: Fault | null = null

  set(fault: Fault | null): void {
    this.fault = fault
    this.calls = 0
  }

  /** How this call goes wrong; null when it does not. */
  nextMode(name: string, about: Pick<Fired, 'batch' | 'sent' | 'at'>): FaultMode | null {
    const isDown = [...this.down].some((port) => name.startsWith(port))
    const mode = isDown ? 'before' : this.modeOfCall(name)
    if (mode === null) return null
    this.mishaps += 1
    this.fired = { name, mode, ...about }
    return mode
  }

  /** Looks around without meeting a fault, and without being counted. */
  async calmly<T>(look: () => Promise<T>): Promise<T> {
    const { fault, calls } = this
    const down = [...this.down]
    this.fault = null
    this.down.clear()
    try {
      return await look()
    } finally {
      this.fault = fault
      this.calls = calls
      for (const port of down) this.down.add(port)
    }
  }

  private modeOfCall(name: string): FaultMode | null {
    if (this.fault === null || !name.startsWith(this.fault.port)) return null
    this.calls += 1
    this.names.push(name)
    return this.calls === this.fault.call ? this.fault.mode : null
  }
}
