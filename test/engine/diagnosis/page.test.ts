// docs/diagnosis.md has a row for each cause, as the code says it. What it should have is shown where it does not.

import { expect, it } from 'vitest'
import { CAUSES } from '../../../src/engine/diagnosis/causes.ts'
import { RULES } from '../../../src/engine/diagnosis/rules.ts'

const [page = ''] = Object.values(
  import.meta.glob<string>('../../../docs/diagnosis.md', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
)

/** A source as the page links to it. */
function toLink(source: string): string {
  if (source.startsWith('docs/')) return `[Hookline](${source.slice('docs/'.length)})`
  if (!source.startsWith('https:')) return `[Hookline](../${source})`
  return `[${new URL(source).hostname.replace(/^www\./, '')}](${source})`
}

const sourcesOf = (cause: string) => [
  ...new Set(RULES.filter((rule) => rule.cause === cause).map(({ source }) => toLink(source))),
]

const rows = Object.entries(CAUSES).map(([cause, { explanation, remedy }]) =>
  [`\`${cause}\``, explanation.join(' '), remedy.join(' '), sourcesOf(cause).join(', ')]
    .map((cell) => cell.replaceAll(/\{(\w+)\}/g, '_$1_'))
    .join(' | '),
)

/** However wide its columns are. */
const written = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim())
      .join(' | '),
  )

it('says of each cause what the code says', () => {
  expect(written).toEqual(rows)
})
