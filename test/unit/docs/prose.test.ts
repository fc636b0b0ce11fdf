import { expect } from 'chai'
import { faultsOf } from '../../../tools/prose.ts'

const linesIn = (name: string, text: string) => faultsOf(name, text).map(({ line }) => line)

describe('the count of what plain English avoids', () => {
  it('finds the sentences of comments, at their beginning, after another and in a paragraph of their own', () => {
    const code = `/** What is sent. */
      /** DOKU answers. Whose answer it is,
       *  nobody knows: who asked is lost.
       *
       *  Whoever asks waits.
       *  - Of these, one counts.
       *  @returns What came.
       */
      // Who pays.
      // this sentence ends with
      // Who
      // What it costs does not begin a sentence here`
    expect(linesIn('lib/a.ts', code)).to.deep.equal([1, 2, 5, 6, 7, 9])
  })

  it('finds those of strings and templates, and not what is code', () => {
    const code = `const one = 'What is wrong'
      const two = \`\${one} What is no beginning. What is one: \${\`Of \${one}\`} Who is none\`
      const three = /'What is a pattern/.test(one) ? { 'Who': 1, Of: two } : 'Who'
      const four = "Office hours" // Whatever comes
      const five = \`Whose \${one}\``
    expect(linesIn('lib/a.js', code)).to.deep.equal([1, 2, 2, 5])
  })

  it('finds those of pages: in paragraphs, headings, items, cells and links', () => {
    const page = `# What is this
Text: What follows a colon is no sentence. [What](x.md) is one.

**Of these,** one
- Who pays
1. Whose turn it is

| What | who |
| --- | --- |
| Who pays | \`What is code\` |

\`\`\`json
{ "a": "What is data" }
\`\`\`

"What is quoted?" <b>Who is marked</b>`
    expect(linesIn('docs/a.md', page)).to.deep.equal([1, 2, 4, 5, 6, 10, 16, 16])
    expect(linesIn('demo/a.html', '<p>What</p>\n<p>What is text</p><script>"What is code"</script>')).to.deep.equal([2])
    expect(linesIn('demo/a.css', '/* What is a comment */ a { b: "What is none" }')).to.deep.equal([1])
  })

  it('leaves the headings of the FAQ alone that ask', () => {
    expect(linesIn('docs/faq.md', '# FAQ\n\n### What if?\n\n### What is signed?\n\n### What is not\n')).to.deep.equal([
      7,
    ])
  })

  it('finds the phrases wherever they stand in prose', () => {
    const code = `// It has
      // to be. It HAS TO BE.
      const hasToBe = 'for ever, and anew' // forever, must be, renewed`
    expect(linesIn('lib/a.ts', code)).to.deep.equal([1, 2, 3, 3])
  })
})
