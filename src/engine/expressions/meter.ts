// What an evaluation may cost. Steps are counted and not timed: clocks stand still while a Worker computes. Whatever is made is measured
// as often as it is reached, so that what follows, in the library too, is bounded by what was measured.

import { isRecord } from '../../primitives/is-record.ts'
import { EXPRESSION } from './bounds.ts'
import { ExpressionFailure, type FailureCode } from './failure.ts'
import { WrittenNumber } from './written-number.ts'

/** How many values are walked over in the time of a step, and how many characters. */
const VALUES_PER_STEP = 16
const CHARS_PER_STEP = 256

export class Meter {
  private left: number
  private readonly most: number
  private sizes = new WeakMap<object, number>()
  private waiting = 0
  /** Why it ended: one for all branches, of which there may be thousands. */
  private failure: ExpressionFailure | null = null

  constructor(most: number) {
    this.most = most
    this.left = most
  }

  /** Steps that were taken. */
  get taken(): number {
    return this.most - Math.max(0, this.left)
  }

  /** Throws where fewer are left. */
  spend(steps: number): void {
    if (this.failure !== null) throw this.failure
    this.left -= steps
    // What is not a number is too much as well.
    if (this.left >= 0) return
    this.stop('too_many_steps', `The expression takes more than ${this.most} steps.`)
  }

  /** A node begins to wait for what it is made of. */
  enter(): void {
    this.waiting += 1
    this.spend(1)
    if (this.waiting > EXPRESSION.frames)
      this.stop('too_deep', 'The expression calls itself too deeply.')
  }

  leave(): void {
    this.waiting -= 1
  }

  /** Nothing goes on: what runs beside what failed ends at its next step. */
  end(failure: ExpressionFailure): ExpressionFailure {
    this.failure ??= failure
    return this.failure
  }

  private stop(code: FailureCode, message: string): never {
    throw this.failure ?? this.end(new ExpressionFailure(code, message))
  }

  /** Measures what was made: refused where it is too large. */
  see(value: unknown): void {
    if (typeof value === 'string') {
      this.checkText(value.length)
      this.spend(Math.floor(value.length / CHARS_PER_STEP))
    } else if (typeof value === 'object' && value !== null) this.sizeOf(value)
  }

  /** What it costs to go through all of a value. */
  charge(value: unknown): void {
    if (typeof value === 'string') this.spend(Math.floor(value.length / CHARS_PER_STEP))
    else if (typeof value === 'object') this.spend(Math.floor(this.sizeOf(value) / VALUES_PER_STEP))
  }

  checkText(chars: number): void {
    if (chars <= EXPRESSION.textChars) return
    const most = EXPRESSION.textChars
    this.stop('too_large', `The expression makes a text of more than ${most} characters.`)
  }

  /** Values in a value, and for each 64 characters one more. */
  sizeOf(value: unknown): number {
    const visited = { count: 0 }
    const size = this.measure(value, 0, visited)
    this.spend(Math.floor(visited.count / VALUES_PER_STEP))
    if (size <= EXPRESSION.nodes) return size
    throw new ExpressionFailure(
      'too_large',
      `The expression makes more than ${EXPRESSION.nodes} values.`,
    )
  }

  /** Something that was measured was changed. */
  forget(): void {
    this.sizes = new WeakMap()
  }

  private measure(value: unknown, depth: number, visited: { count: number }): number {
    visited.count += 1
    if (typeof value === 'string') return 1 + Math.floor(value.length / 64)
    if (typeof value !== 'object' || value === null) return 1
    if (isFunctionLike(value) || value instanceof WrittenNumber) return 1
    const known = this.sizes.get(value)
    if (known !== undefined) return known
    if (depth > EXPRESSION.valueDepth) {
      throw new ExpressionFailure(
        'too_deep',
        'The expression makes a value that is nested too deeply.',
      )
    }
    if (visited.count > this.left * VALUES_PER_STEP) this.spend(this.left + 1)
    let size = 1
    const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
    for (const part of parts) size += this.measure(part, depth + 1, visited)
    this.sizes.set(value, size)
    return size
  }
}

/** Whether the library takes a value for a function. */
export function isFunctionLike(value: unknown): boolean {
  if (typeof value === 'function') return true
  return (
    isRecord(value) &&
    (Object.hasOwn(value, '_jsonata_lambda') || Object.hasOwn(value, '_jsonata_function'))
  )
}
