// A number that is not written as JavaScript would write it: 1.10, or more digits than it can hold. An expression may move it, and it
// is sent as it was written; who computes with it gets the number if JavaScript can hold it, and a refusal with its path if not.

import { decimal } from '../../primitives/json-numbers.ts'
import { ExpressionFailure } from './failure.ts'

export class WrittenNumber {
  readonly #text: string
  readonly #path: string

  constructor(text: string, path: string) {
    this.#text = text
    this.#path = path
  }

  /** As it was written. */
  get text(): string {
    return this.#text
  }

  /** Throws where JavaScript holds another one. */
  toNumber(): number {
    const held = Number(this.#text)
    if (decimal(String(held)) === decimal(this.#text)) return held
    const message = `The number at ${this.#path} cannot be computed with exactly; it can only be passed on.`
    throw new ExpressionFailure('number_not_exact', message)
  }
}
