// What was used last, as much of it as there is room for.

interface Options<Key, Value> {
  /** The sum of the sizes at most. */
  readonly max: number
  /** 1 unless given. */
  readonly sizeOf?: (key: Key, value: Value) => number
  /** Told what had to go to make room. */
  readonly onEvict?: (key: Key) => void
}

export class Lru<Key, Value> {
  readonly #values = new Map<Key, Value>()
  readonly #max: number
  readonly #sizeOf: (key: Key, value: Value) => number
  readonly #onEvict: (key: Key) => void
  #size = 0

  constructor({ max, sizeOf = () => 1, onEvict = () => {} }: Options<Key, Value>) {
    this.#max = max
    this.#sizeOf = sizeOf
    this.#onEvict = onEvict
  }

  /** Without using it. */
  has(key: Key): boolean {
    return this.#values.has(key)
  }

  get(key: Key): Value | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) {
      this.#values.delete(key)
      this.#values.set(key, value)
    }
    return value
  }

  set(key: Key, value: Value): void {
    this.delete(key)
    this.#values.set(key, value)
    this.#size += this.#sizeOf(key, value)
    for (const oldest of this.#values.keys()) {
      if (this.#size <= this.#max) return
      this.delete(oldest)
      this.#onEvict(oldest)
    }
  }

  delete(key: Key): void {
    const value = this.#values.get(key)
    if (value === undefined) return
    this.#values.delete(key)
    this.#size -= this.#sizeOf(key, value)
  }
}
