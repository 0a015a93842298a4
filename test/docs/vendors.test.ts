/** docs/vendors.md: as `npm run vendor-docs` makes it, the same in both languages, and linked where people look for vendors. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../dashboard/json-schema.ts'
import { languages, vendorPage, vendorPages } from '../../dashboard/vendor-docs.ts'
import { operationTitles } from '../../dashboard/words/terms.ts'
import { vendorWordFiles } from '../../dashboard/vendor-words.ts'
import { operations } from '../../shared/operation.ts'
import { allProviders } from '../../shared/providers/registry.ts'

const providers = await allProviders()
const pages = await Promise.all(languages.map(async language => [language, await vendorPage(language)] as const))
const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8')

describe.each(pages)('%s', (language, page) => {
  it('is what npm run vendor-docs makes', async () => {
    expect(await readFile(vendorPages[language], 'utf8')).toBe(page)
  })
  it('names every member of a secret and of a target that its vendor takes, and no other', () => {
    for (const provider of providers) {
      const lines = (page.split(`<a id="${provider.name}"></a>`)[1] ?? '').split('\n- ').slice(1, 3)
      for (const [place, schema] of [provider.credentials, provider.target].entries()) {
        // values stand in brackets behind their member
        const named = [...(lines[place] ?? '').replaceAll(/[(（][^)）]*`[^)）]*[)）]/g, '').matchAll(/`(\w+)`/g)]
        const taken = Object.keys(inputSchema(schema).properties ?? {})
        const told = named.flatMap(([, member = '']) => (member === 'app' ? [] : [member]))
        expect([...told].sort(), provider.name).toEqual([...taken].sort())
      }
    }
  })
  it('says of what its record is a proof', () => {
    for (const { name, capabilities } of providers) {
      const row = new RegExp(`^\\| \\[[^\\]]+\\]\\(#${name}\\) \\|(.*)\\|$`, 'm').exec(page)?.[1] ?? ''
      const proof = row.split(' | ').at(-1)?.trim() ?? ''
      for (const operation of operations) {
        const proven = (capabilities.operations[operation]?.confirmedBy.length ?? 0) > 0
        const others = Object.values(capabilities.operations).some(one => one.confirmedBy.length === 0)
        const title = operationTitles[operation][language === 'zh' ? 1 : 0]
        expect(proof.includes(title), `${name} ${operation}`).toBe(proven && others)
      }
    }
  })
  it('has a row and a section for every vendor, with its handles and its sources', () => {
    for (const { name, handles, capabilities } of providers) {
      const row = new RegExp(`^\\| \\[[^\\]]+\\]\\(#${name}\\) \\|(.*)\\|$`, 'm').exec(page)?.[1] ?? ''
      const cells = row.split(' | ').map(cell => cell.trim())
      const section = page.split(`<a id="${name}"></a>`)[1]?.split('<a id=')[0] ?? ''
      for (const { member } of handles) for (const text of [row, section]) expect(text).toContain(`\`${member}\``)
      for (const [place, operation] of operations.entries()) {
        const capability = capabilities.operations[operation]
        expect(cells[place] === '–', `${name} ${operation}`).toBe(capability === undefined)
        for (const { source } of capability?.channels ?? []) expect(section).toContain(encodeURI(source))
      }
    }
  })
})

it('the words of vendors for console and command line are what npm run vendor-docs makes', async () => {
  for (const [file, text] of await vendorWordFiles()) expect(await readFile(file, 'utf8')).toBe(text)
})

it('every vendor has words for each of its channels, and codes that begin with its name', () => {
  for (const { name, channels, capabilities, sentences } of providers) {
    const named = Object.values(capabilities.operations).flatMap(one => one.channels.map(({ channel }) => channel))
    expect(Object.keys(channels).sort(), name).toEqual([...new Set(named)].sort())
    expect(
      Object.keys(sentences).filter(code => !code.startsWith(`${name.replaceAll('-', '_')}_`)),
      name,
    ).toEqual([])
    const texts = [...Object.values(channels), ...Object.values(sentences)].flat()
    expect(texts.filter(text => text.trim() === '')).toEqual([])
  }
})

it('says the same in both languages', () => {
  const shapes = pages.map(([, page]) => page.split('\n').map(line => /^(#+|\||-)?/.exec(line)?.[0] ?? ''))
  expect(shapes[0]).toEqual(shapes[1])
})

it('leaves no note, limit or unit in English in the Chinese page', () => {
  const chinese = pages.find(([language]) => language === 'zh')?.[1] ?? ''
  const sentences = providers.flatMap(({ capabilities: { operations: all, limits } }) => [
    ...limits.flatMap(({ name, unit }) => [name, unit]),
    ...Object.values(all).flatMap(({ channels }) => channels.flatMap(({ note }) => note ?? [])),
  ])
  expect(sentences.length).toBeGreaterThan(10)
  const cells = new Set(chinese.split(/ *\| */))
  expect(
    sentences.filter(sentence => cells.has(sentence) || (sentence.includes(' ') && chinese.includes(sentence))),
  ).toEqual([])
})

it.each([
  ['README.md', 'docs/vendors.md'],
  ['README.zh-CN.md', 'docs/vendors.zh-CN.md'],
])('%s links it, and tells no more of vendors than three lines', async (readme, page) => {
  const lines = (await read(readme)).split('\n')
  const start = lines.findIndex(line => line.includes(`](${page})`))
  const heading = lines.slice(0, start).findLastIndex(line => line.startsWith('## '))
  const section = lines.slice(heading + 1)
  const end = section.findIndex(line => line.startsWith('## '))
  expect(start).toBeGreaterThan(0)
  expect(section.slice(0, end).filter(line => line.trim() !== '').length).toBeLessThanOrEqual(3)
})
