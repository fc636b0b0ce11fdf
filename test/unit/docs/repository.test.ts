import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import packageJson from '../../../package.json' with { type: 'json' }
import { readPage, root } from '../../support/docs/markdown.ts'

const files = [
  'LICENSE',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  '.editorconfig',
  '.github/pull_request_template.md',
  '.github/ISSUE_TEMPLATE/bug.md',
  '.github/ISSUE_TEMPLATE/feature.md',
  '.github/ISSUE_TEMPLATE/doku-differs.md',
]

describe('the repository', () => {
  it('has what contributors and npm look for', () => {
    expect(files.filter((file) => !existsSync(join(root, file)))).to.deep.equal([])
    expect(readPage('LICENSE')).to.match(/^MIT License\n/)
    const { license, repository, homepage, bugs, author } = packageJson
    expect({ license, author }).to.deep.equal({ license: 'MIT', author: 'the express-doku-ovo contributors' })
    const address = homepage.replace('#readme', '')
    expect([repository.url, bugs]).to.deep.equal([`git+${address}.git`, `${address}/issues`])
  })

  it('keeps a changelog: versions with their dates, and the six kinds of changes', () => {
    const headings = readPage('CHANGELOG.md')
      .split('\n')
      .filter((line) => /^##+ /.test(line))
    const allowed =
      /^(## \[(Unreleased\]|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d)$|### (Added|Changed|Deprecated|Removed|Fixed|Security)$)/
    expect(headings.filter((line) => !allowed.test(line))).to.deep.equal([])
    expect(headings[0]).to.equal('## [Unreleased]')
  })
})
