import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readElements } from '../../shared/moderation/xml.ts'

const escaped = (text: string) =>
  text.replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&#x3e;' })[sign] ?? sign)
const name = fc.constantFrom('JobId', 'State', 'Result', 'Label')
const words = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .map(text => text.trim())
  .filter(text => text !== '')

describe('XML', () => {
  it('gives the text of direct children, and nothing from deeper down', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, words), { selector: ([key]) => key }), words, (children, deep) => {
        const inside = children.map(([key, text]) => `<${key} a="1">\n ${escaped(text)} </${key}>`).join('\n')
        const xml = `<?xml version="1.0"?><!-- - --><R><D>${inside}<S><Label>${escaped(deep)}</Label></S><E/></D></R>\n`
        expect(readElements(xml, 'R/D')).toEqual([new Map(children)])
      }),
    )
  })

  it.each([
    '<a><b></a></b>',
    '<a>',
    '</a>',
    '<!DOCTYPE a><a/>',
    '<a><![CDATA[x]]></a>',
    '<a>&boom;</a>',
    '<a>&</a>',
    '<a',
  ])('refuses %s', xml => {
    expect(readElements(xml, 'a')).toBeNull()
  })

  it('ends in time whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 2000, unit: fc.constantFrom('<', '>', '/', 'a', '&', ';', '!', '-', ' ') }),
        xml => {
          readElements(xml, 'a/a')
        },
      ),
    )
    expect(readElements('<a>'.repeat(100_000), 'a')).toBeNull()
    expect(readElements(`<${'a '.repeat(100_000)}`, 'a')).toBeNull()
  })
})
