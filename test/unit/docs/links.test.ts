import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { problemTypes } from 'express-doku-ovo'
import { linkTo } from '../../../lib/cli/probe/question.ts'
import { documentationUrl, type ProblemCode, problemTypeUrl } from '../../../lib/errors.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { sources } from '../../support/docs/doc-comments.ts'
import { anchors, markdownFiles, ownAnchors, readPage, root, withoutCode } from '../../support/docs/markdown.ts'

const repository = packageJson.repository.url.replace(/^git\+(.*)\.git$/, '$1')
const blob = `${repository}/blob/main/`

function linksIn(text: string): string[] {
  const inline = [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
  const tags = [...withoutCode(text).matchAll(/\b(?:src|href)="([^"]+)"/g)].map(([, target = '']) => target)
  return [...inline, ...tags]
}

/** What is wrong with a link; `undefined` when it leads somewhere, or to a site that is not ours. */
function fault(page: string, link: string): string | undefined {
  const isOurs = link.startsWith(blob)
  if (!isOurs && /^[a-z]+:/i.test(link)) return undefined
  const [path = '', anchor] = (isOurs ? link.slice(blob.length) : link).split('#')
  const target = path === '' ? page : normalize(isOurs ? path : join(dirname(page), path))
  if (target.startsWith('..')) return `${page}: ${link} leads out of the repository`
  if (!existsSync(join(root, target))) return `${page}: there is no ${link}`
  if (anchor === undefined || statSync(join(root, target)).isDirectory()) return undefined
  const isThere = /^L\d+(-L\d+)?$/.test(anchor) || anchors(readPage(target)).has(anchor)
  return isThere ? undefined : `${page}: ${target} has no heading for #${anchor}`
}

const address = new RegExp(`${blob}[^\\s)\`']+`, 'g')

/** What the comments of a source cite by name alone. An id in quotes is a value of the code. */
function bareCitations(source: string): string[] {
  const text = source.replace(/\[[^\]]*\]\(https?:[^)]*\)|https?:\/\/\S+/g, '')
  return (
    text.match(/(?<!\}\/)\b(?:protocol|design|architecture)\.md|\bovo-open-api\S*\.txt|(?<![\w'])[CNU]-\d+\b/g) ?? []
  )
}

describe('the documentation’s links', () => {
  it('lead to files and headings that are there', () => {
    const pages = markdownFiles()
    const faults = pages.flatMap((page) => linksIn(readPage(page)).map((link) => fault(page, link)))
    expect(faults.filter(Boolean)).to.deep.equal([])
    expect(pages).to.include.members(['README.md', 'docs/getting-started.md'])
  })

  it('go from the README to every page, at once or by way of others', () => {
    const reached = new Set(['README.md'])
    for (const page of reached) {
      if (!page.endsWith('.md') || !existsSync(join(root, page))) continue
      const paths = linksIn(readPage(page)).flatMap((link) =>
        /^[a-z]+:|^#/i.test(link) ? [] : [link.split('#')[0] ?? ''],
      )
      for (const path of paths) reached.add(normalize(join(dirname(page), path)))
    }
    const pages = markdownFiles().filter((path) => path.startsWith('docs/') || !path.includes('/'))
    expect(pages.filter((page) => !reached.has(page))).to.deep.equal([])
  })

  it('find every section, conflict, finding and unknown of the protocol, and every rule', () => {
    const ids = ownAnchors(readPage('docs/protocol.md'))
    const numbered = (kind: string, last: number) => Array.from({ length: last }, (_, index) => `${kind}-${index + 1}`)
    const sections = Array.from({ length: 17 }, (_, section) => String(section))
    expect(ids).to.include.members([
      ...sections,
      ...numbered('5', 8),
      ...numbered('7', 3),
      ...numbered('c', 31),
      ...numbered('n', 15),
      ...numbered('u', 17),
    ])
    expect(ids.length).to.equal(new Set(ids).size)
    expect(ownAnchors(readPage('docs/architecture.md'))).to.include.members(numbered('rule', 10))
  })

  it('lead from the code to facts and rules that are there, and no comment cites one without its address', () => {
    const all = [...sources()]
    const links = all.flatMap(([name, text]) => [...text.matchAll(address)].map(([link]) => fault(`lib/${name}`, link)))
    expect(links.length).to.be.above(100)
    expect(links.filter(Boolean)).to.deep.equal([])
    const bare = all.flatMap(([name, text]) => bareCitations(text).map((citation) => `lib/${name}: ${citation}`))
    expect(bare).to.deep.equal([])
    const wrong = `/** See protocol.md, C-9. @see ${blob}docs/protocol.md#c-9 for [C-9](${blob}docs/protocol.md#c-9) */ 'C-9'`
    expect(bareCitations(wrong)).to.deep.equal(['protocol.md', 'C-9'])
  })

  it('lead from each question of probe to its fact', () => {
    const asked = [...sources()].filter(([name]) => name.startsWith('cli/probe'))
    const ids = asked.flatMap(([, text]) => text.match(/(?<=')(?:[CU]-\d+|§[\d.]+)(?=')/g) ?? [])
    expect(ids.length).to.be.above(20)
    const links = ids.map((id) => /\((.*)\)/.exec(linkTo(id))?.[1] ?? '')
    expect(links.map((link) => fault('README.md', link)).filter(Boolean)).to.deep.equal([])
    expect(linkTo('§5.7')).to.equal(`[§5.7](${blob}docs/protocol.md#5-7)`)
  })

  it('are found to be wrong when they are', () => {
    expect(fault('docs/errors.md', 'nowhere.md')).to.equal('docs/errors.md: there is no nowhere.md')
    expect(fault('docs/errors.md', '#nothing')).to.equal('docs/errors.md: docs/errors.md has no heading for #nothing')
    expect(fault('README.md', `${blob}docs/nowhere.md`)).to.contain('there is no')
    expect(fault('README.md', '../elsewhere.md')).to.contain('leads out of the repository')
  })

  it('are the types of all problems, each with its own heading', () => {
    expect(documentationUrl).to.equal(`${blob}docs`)
    expect(packageJson.homepage).to.equal(`${repository}#readme`)
    const codes = Object.keys(problemTypes) as ProblemCode[]
    expect(codes.map((code) => fault('README.md', problemTypeUrl(code))).filter(Boolean)).to.deep.equal([])
    expect(new Set(codes.map(problemTypeUrl)).size).to.equal(codes.length)
  })
})
