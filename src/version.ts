// Which Hookline this is.

/** Product version, sent to receivers as `user-agent: Hookline/<version>`. */
export const VERSION = '0.1.0'
