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
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<a>&boom;</a>',
    '<a>&</a>',
    '<a><![CDATA[x</a>',
    '<a><!-- x</a>',
    '<a x="1" x="2"/>',
    '<a/><b/>',
    '<a',
  ])('refuses %s', xml => {
    expect(readElements(xml, 'a')).toBeNull()
  })

  it('takes the text of CDATA as it is', () => {
    expect(readElements('<a><b><c>1 <![CDATA[<&x>]]></c></b></a>', 'a/b')).toEqual([new Map([['c', '1 <&x>']])])
  })

  it.each([
    '&#xD800;',
    '&#xDFFF;',
    '&#0;',
    '&#1;',
    '&#x110000;',
    '&#99999999;',
    '\u0000',
    '\u0008',
    '\ufffe',
    '\ud800',
  ])('reads on where users wrote what XML has no character for: %j', odd => {
    const xml = `<a><b>1</b><c>x${odd}y</c><d><![CDATA[${odd}]]></d></a>`
    expect(readElements(xml, 'a')?.[0]?.get('b')).toBe('1')
    expect(readElements(xml, 'a')?.[0]?.get('c')).toBe('x\ufffdy')
  })

  it('takes 4 MiB and no more, and keeps no text that is longer than any it needs', () => {
    const of = (bytes: number) => `<a><b>${'x'.repeat(bytes - 22)}</b><c>1</c></a>`
    expect(readElements(of(4 * 1024 * 1024), 'a')).toEqual([new Map([['c', '1']])])
    expect(readElements(of(4 * 1024 * 1024 + 1), 'a')).toBeNull()
  })

  it('gives only text that can be stored', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x110000 }), fc.boolean(), (code, hex) => {
        const reference = hex ? `&#x${code.toString(16)};` : `&#${code};`
        const [found] = readElements(`<a><b>x${reference}x</b></a>`, 'a') ?? []
        const text = found?.get('b') ?? ''
        expect(text.isWellFormed() && !text.includes('\0')).toBe(true)
      }),
      { numRuns: 2000 },
    )
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
    expect(readElements('<a>'.repeat(20_000), 'a')).toBeNull()
    expect(readElements(`<${'a '.repeat(30_000)}`, 'a')).toBeNull()
    expect(readElements(`<${'a'.repeat(60_000)}`, 'a')).toBeNull()
    expect(readElements('<a>'.repeat(10_001) + '</a>'.repeat(10_001), 'a')).toBeNull()
    expect(readElements('<a>'.repeat(10_000) + '</a>'.repeat(10_000), 'a')).toHaveLength(1)
  })
})
