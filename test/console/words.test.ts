/** Every word is there in both languages, is used, and none of them claims what no vendor confirms. */
import { describe, expect, it } from 'vitest'
import { consoleWords } from '../../dashboard/words/console.ts'
import * as terms from '../../dashboard/words/terms.ts'
import { readSources } from '../support/sources.ts'

type Pair = readonly [string, string]
const isPair = (value: unknown): value is Pair =>
  Array.isArray(value) && value.length === 2 && value.every(text => typeof text === 'string')

function pairsIn(name: string, value: unknown): [string, Pair][] {
  if (isPair(value)) return [[name, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, inner]) => pairsIn(`${name}.${member}`, inner))
}

const all = [...pairsIn('words', consoleWords), ...pairsIn('terms', terms)]

describe('the words of the console', () => {
  it('stand in both languages, Chinese as it is written', () => {
    expect(all.length).toBeGreaterThan(450)
    const empty = all.filter(([, pair]) => pair.some(text => text.trim() === ''))
    expect(empty).toEqual([])
    // half-width punctuation between Chinese, 您, exclamation marks, or no space between Chinese and Latin
    const bad = all.filter(([, [, zh]]) =>
      /[您你!！]|[\u4e00-\u9fff][,;:?]|[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/.test(zh),
    )
    expect(bad).toEqual([])
    const mixed = all.filter(([, [, zh]]) => /登陆|该/.test(zh))
    expect(mixed).toEqual([])
  })
  it('claim of no notification that it left a screen', () => {
    const english = /\b(gone|deleted|erased|success(ful(ly)?)?|removed from|100 ?%)\b/i
    const chinese = /成功|已删除|已清除|已消失|百分之百|100 ?%/
    const claims = all.filter(
      ([name, [en, zh]]) => name !== 'terms.acceptedIsNotGone' && (english.test(en) || chinese.test(zh)),
    )
    expect(claims).toEqual([])
    expect(terms.acceptedIsNotGone[0]).toContain('not gone')
  })
  it('never take moderation for four eyes', () => {
    const wrong = all.filter(
      ([, [en, zh]]) => (/approv/i.test(en) && /审核/.test(zh)) || (/moderation/i.test(en) && /复核/.test(zh)),
    )
    expect(wrong).toEqual([])
  })
  it('have the same blanks to be filled in both languages', () => {
    const blanks = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
    // where one thing is one, English says so without a number
    const differ = all.filter(([, [en, zh]]) => blanks(en).some(blank => !blanks(zh).includes(blank)))
    expect(differ.map(([name]) => name)).toEqual([])
  })
  it('are all used', async () => {
    const sources = (await readSources()).filter(({ path }) => path.startsWith('dashboard/console/'))
    const text = sources.map(source => source.text).join('\n')
    const unused = Object.keys(consoleWords).filter(word => !new RegExp(`['"]${word}['"]`).test(text))
    expect(unused).toEqual([])
  })
})
