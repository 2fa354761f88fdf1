// What one answer of the MCP server may hold, and how long it may take; all of it ours.

const KIB = 1_024

export const MCP = {
  /** Bytes of a request: the arguments of one tool, far above the largest. */
  bodyBytes: 64 * KIB,
  /**
   * Characters of what others wrote in one answer, some 10,000 tokens: from there on Claude Code warns of an answer, and it cuts one of
   * 25,000 (https://code.claude.com/docs/en/mcp, "MCP output limits and warnings").
   */
  answerChars: 40_000,
  /** Characters of an event's data that `get_event` shows at a time. */
  dataChars: 24_000,
  /** Items of a list: at most, and unless told. */
  mostItems: 50,
  items: 20,
  /** Webhooks whose attempts one search reads, and deliveries whose last attempts one explanation reads: a call of `/v1` each. */
  askedWebhooks: 20,
  /** Pages of 250 webhooks that one search for webhooks reads: what is behind them is behind its cursor. */
  searchedPages: 8,
  /** Pages of 250 webhooks in which an explanation looks for one that an event was not for. */
  unmatchedPages: 8,
  /**
   * Seconds for which an answer waits for an event, as long as a pull may (docs/pulling.md): clients give a call 60 s unless told
   * (`DEFAULT_REQUEST_TIMEOUT_MSEC` of the SDK), and an invocation that waits uses no CPU time.
   */
  mostWaitSeconds: 30,
  waitSeconds: 20,
  /** Pages of `mostItems` events in which one look of such a wait goes back to the first that came. */
  waitPages: 20,
  /** Milliseconds between two looks of such a wait, each of which is a call of `/v1`, or several where many came. */
  lookMs: 1_000,
} as const
