// The documents: every relative link leads to a file that is there and, where it names one, to a heading of it.

import { describe, expect, it } from 'vitest'

const HERE = 'test/documents.test.ts'

/** A path below the root of the repository, of one that is relative to this file. */
function inRepository(path: string): string {
  return new URL(path, `file:///${HERE}`).pathname.slice(1)
}

/** Whatever a document may link to, by its path in the repository. */
const files = new Set(
  Object.keys(
    import.meta.glob([
      '../*',
      '../.ci/*',
      '../.dev.vars.example',
      '../{bench,cli,demo,docs,examples,migrations,scripts,src,test}/**/*',
    ]),
  ).map(inRepository),
)

const documents = new Map(
  Object.entries(
    import.meta.glob<string>(['../*.md', '../{docs,examples,src/dialects}/**/*.md'], {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).map(([path, text]) => [inRepository(path), text]),
)

const withoutCode = (text: string) => text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '')

/** The anchor that GitHub gives a heading: letters, digits, `_` and `-` are left, a space becomes `-`. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

function anchorsOf(text: string): ReadonlySet<string> {
  const headings = withoutCode(text).matchAll(/^#+ (.+)$/gm)
  return new Set([...headings].map(([, heading = '']) => anchorOf(heading)))
}

/** Relative links of a document that lead nowhere. */
function deadLinks(path: string, text: string): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const { pathname, hash } = new URL(link, `file:///${path}`)
      const target = pathname.slice(1)
      const isThere = files.has(target) || [...files].some((file) => file.startsWith(`${target}/`))
      if (hash === '') return !isThere
      return !anchorsOf(documents.get(target) ?? '').has(hash.slice(1))
    })
}

describe('a document', () => {
  it.each([...documents])('%s has no dead link', (path, text) => {
    expect(deadLinks(path, text)).toEqual([])
  })

  it.each(['nowhere.md', 'limits.md#nowhere', '../docs/limits.md#sizes', '../nowhere/'])(
    'with a link to %s is found',
    (link) => {
      expect(deadLinks('docs/x.md', `[a](limits.md#sizes-and-times) [b](${link})`)).toEqual([link])
    },
  )

  it.each([...documents].filter(([path]) => path.startsWith('examples/')))(
    '%s of an example has at most 40 lines',
    (_, text) => {
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
    },
  )

  it('that greets a newcomer has at most 150 lines', () => {
    expect(documents.get('README.md')?.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })

  it('README.md names dollars that docs/cost.md names, which the bars of cost hold', () => {
    const told = documents.get('README.md')?.match(/\$\d+\.\d+/g) ?? []
    expect(told).not.toEqual([])
    const cost = documents.get('docs/cost.md') ?? ''
    expect(told.filter((dollars) => !cost.includes(dollars))).toEqual([])
  })
})
