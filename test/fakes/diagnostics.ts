// A look at components that are well, but for those of which something else is said.

import { COMPONENTS, type ComponentState, type Diagnostics } from '../../src/engine/ports/index.ts'
import { DIAGNOSTICS } from '../../src/tuning.ts'
import type { Flaw } from '../contracts/diagnostics.ts'

type Component = ComponentState['component']

const REASONS: Readonly<Record<Flaw, string>> = {
  failing: 'It failed.',
  hanging: 'It did not answer in time.',
}

/** Nobody waits for what hangs: it is found at once, and was given up in time. */
export function createMemoryDiagnostics(
  flaws: Partial<Readonly<Record<Component, Flaw>>> = {},
): Diagnostics {
  const look = async () => COMPONENTS.map((component) => toState(component, flaws[component]))
  const isQueue = ({ component }: ComponentState) => component.endsWith('Queue')
  return { look, lookAtQueues: async () => (await look()).filter(isQueue) }
}

function toState(component: Component, flaw: Flaw | undefined): ComponentState {
  const isQueue = component.endsWith('Queue')
  return {
    component,
    reachable: flaw === undefined,
    reason: flaw === undefined ? null : REASONS[flaw],
    latencyMs: flaw === 'hanging' ? DIAGNOSTICS.timeoutMs : 1,
    backlog: isQueue && flaw === undefined ? { messages: 0, bytes: 0, oldestAt: null } : null,
  }
}
