// docs/cost.md, for bars that hold it to what they count.

/** Its text. */
export const costPage = Object.values(
  import.meta.glob<string>('../../docs/cost.md', { query: '?raw', import: 'default', eager: true }),
).join()
