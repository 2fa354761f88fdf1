// What an object owes a queue: written down with the transaction that causes it, sent after, noted as sent as soon as
// the queue took it. A crash between the taking and the note repeats one batch; its consumer asks the log first.

/** A message that is owed. */
export interface Debt {
  readonly text: string
}

/** Messages of one kind that are owed, in order. */
export interface Debts<D extends Debt = Debt> {
  /** Some that are still owed, from the first on; none when nothing is. */
  next(): Promise<readonly D[]>
  /** Sends the first of the texts, one at least, and tells how many; all or none of those. Rejects when the queue does. */
  send(texts: readonly string[]): Promise<number>
  /** Notes that these were sent, the first of `next`. */
  settle(sent: readonly D[]): void
}

/** Something whose next messages can be sent, whatever they are. */
export interface Payable {
  /** Sends the next messages; false when nothing is owed any more. */
  payNext(): Promise<boolean>
}

/** Debts as something to be paid. */
export function toPayable<D extends Debt>(debts: Debts<D>): Payable {
  return {
    async payNext() {
      let left = await debts.next()
      if (left.length === 0) return false
      while (left.length > 0) {
        const count = await debts.send(left.map(({ text }) => text))
        debts.settle(left.slice(0, count))
        left = left.slice(count)
      }
      return true
    },
  }
}

/**
 * Pays everything, taking turns, so that neither a long one nor one that cannot be paid holds up the others. Rejects at
 * the end with what went wrong first.
 */
export async function payAll(payables: readonly Payable[]): Promise<void> {
  const failures: unknown[] = []
  let open = payables
  while (open.length > 0) {
    const left: Payable[] = []
    for (const payable of open) {
      try {
        if (await payable.payNext()) left.push(payable)
      } catch (error) {
        failures.push(error)
      }
    }
    open = left
  }
  if (failures.length > 0) throw failures[0]
}
