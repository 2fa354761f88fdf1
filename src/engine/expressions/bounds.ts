// What an expression in JSONata may cost: units, and where each number comes from.

/** All of it ours. */
export const EXPRESSION = {
  /** Characters of one, and levels of nesting of what it is parsed to. */
  chars: 8_192,
  nodeDepth: 200,
  /**
   * Steps of one evaluation (src/engine/expressions/meter.ts): about one for each node that is evaluated, and more where much is
   * touched at once. Measured (Node.js 24, one of two shared cores): a step takes 4 to 10 µs. In workerd, with others at work, an
   * evaluation that uses up all took 30 to 160 ms, the slowest of the hostile ones 0.35 s, and the first of an isolate up to 0.5 s.
   */
  steps: 25_000,
  /** Steps of all evaluations of one invocation together: about a second, whoever's they are. What is left waits for a later one. */
  invocationSteps: 100_000,
  /** Steps after which the next evaluation waits until whatever else its isolate has to do was done. */
  restSteps: 5_000,
  /** Characters of an expression that are compiled (twice, for numbers), and of JSON that are read, in the time of a step; measured like it. */
  compiledPerStep: 1,
  readPerStep: 64,
  /** Nodes that wait for others at a time: what recursion costs. */
  frames: 2_000,
  /** Elements of a sequence that is made. */
  sequence: 10_000,
  /** Values in a value, each counted as often as it is reached. */
  nodes: 200_000,
  /** Levels of nesting of a value. */
  valueDepth: 150,
  /** Characters of a text that is made, and of the JSON that comes of a value. */
  textChars: 262_144,
  /** Elements that are sorted at a time: the library's sorting takes the square of them. */
  sorted: 1_000,
  /** Characters of a picture, and of what is read or written by one. */
  pictureChars: 256,
  /** Characters of a regular expression, and states of what is compiled of it. */
  patternChars: 500,
  patternStates: 1_000,
} as const

/** What a webhook may have of them; ours. Those of headers, path and query have the steps of one evaluation together. */
export const REQUEST_EXPRESSIONS = { headers: 20, query: 20, nameChars: 100 } as const

/** `order` of a webhook (docs/ordering.md): characters of a key, and blocked keys that its health shows; ours. */
export const ORDER = { keyChars: 200, blockedShown: 20 } as const

/** What `$secret` answers: texts, each as long as a header may be; ours. */
export const SECRET_VALUES = { most: 20, nameChars: 100, valueChars: 2_048 } as const

/** What is remembered of the former expressions of a webhook while events of the time are kept; ours: each log of its tenant holds them. */
export const SHAPE_HISTORY = { changes: 100, chars: 100_000 } as const

/** Conversions of an event type (docs/event-types.md); ours. */
export const CONVERSIONS = {
  /** Of one type, and characters of their expressions together. */
  most: 40,
  chars: 64_000,
  /**
   * Steps that those of an event may take together, and those of all events of a request. An ordinary one takes 20 to 100; how long
   * it takes to use up all was measured (docs/limits.md).
   */
  eventSteps: 25_000,
  requestSteps: 100_000,
  /**
   * The same of a request that saves types, which are tried on all examples. Measured: these take 0.2 to 0.9 s, a million up to 4 s
   * (docs/limits.md).
   */
  savedSteps: 150_000,
} as const
