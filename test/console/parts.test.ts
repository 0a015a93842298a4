/** What needs no browser: addresses, polling, text of others, the chain, push tokens, the size of what is built. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildConsole } from '../../dashboard/console-build.ts'
import { ofMessage } from '../../dashboard/console/about-recall.ts'
import type { Recall } from '../../dashboard/console/answers.ts'
import { createChecker, hashedMembers, hashLine, noHash, type TrailLine } from '../../dashboard/console/chain.ts'
import { delayOf, type Moment } from '../../dashboard/console/poll.ts'
import { linkOf, readPlace } from '../../dashboard/console/router.ts'
import { piecesOf, webAddress } from '../../dashboard/console/text.ts'
import { hashRecord } from '../../shared/audit/chain.ts'
import type { AuditRecord } from '../../shared/ledger/audit.ts'

describe('addresses', () => {
  it('give back every id and every filter that they were made of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: 'grapheme', minLength: 1 })),
        (parts, query) => {
          const place = readPlace(linkOf(parts, query))
          expect(place.parts).toEqual(parts)
          expect(Object.fromEntries(place.query)).toEqual(query)
        },
      ),
    )
  })
  it('that are broken are read as they are', () => {
    expect(readPlace('#/messages/%zz').parts).toEqual(['messages', '%zz'])
    expect(readPlace('').parts).toEqual([])
  })
})

describe('polling', () => {
  const calm: Moment = {
    pace: 'list',
    asked: 1,
    sinceOpenedMs: 0,
    untilNextMs: null,
    hidden: false,
    idleMs: 0,
    failures: 0,
    retryAfterMs: null,
    sentLastMinute: 0,
    oldestSentMsAgo: 0,
    chance: 0.5,
  }
  it('follows a running recall closely at first, then less', () => {
    const at = (asked: number, sinceOpenedMs: number) => delayOf({ ...calm, pace: 'running', asked, sinceOpenedMs })
    expect([at(1, 0), at(10, 10_000), at(11, 12_000), at(40, 59_000), at(41, 61_000)]).toEqual([
      1000, 1000, 2000, 2000, 5000,
    ])
  })
  it('waits for the next attempt of what is blocked, at most 15 s', () => {
    const at = (untilNextMs: number | null) => delayOf({ ...calm, pace: 'blocked', untilNextMs })
    expect([at(4000), at(90_000), at(null), at(-5)]).toEqual([4000, 15_000, 15_000, 1000])
  })
  it('is slow where nobody looks, and ends with what is settled', () => {
    expect(delayOf({ ...calm, hidden: true })).toBe(60_000)
    expect(delayOf({ ...calm, idleMs: 11 * 60_000 })).toBe(30_000)
    expect(delayOf({ ...calm, pace: 'still' })).toBeNull()
    // what the header says of credentials is a minute old at most
    expect(delayOf({ ...calm, pace: 'slow' })).toBeLessThanOrEqual(60_000)
  })
  it('backs off within 1 to 30 s after a fault, and never undercuts Retry-After', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.integer({ min: 0, max: 200_000 })),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, retryAfterMs, chance) => {
          const delay = delayOf({ ...calm, failures, retryAfterMs, chance }) ?? 0
          expect(delay).toBeGreaterThanOrEqual(Math.max(1000, retryAfterMs ?? 0))
          expect(delay).toBeLessThanOrEqual(Math.max(30_000, retryAfterMs ?? 0))
        },
      ),
    )
  })
  it('stays below sixty requests a minute a tab', () => {
    expect(delayOf({ ...calm, pace: 'running', sentLastMinute: 58, oldestSentMsAgo: 20_000 })).toBe(40_000)
  })
})

describe('text of others', () => {
  it('is shown whole, its unseen characters named', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const shown = piecesOf(text)
        const back = shown
          .map(piece => ('text' in piece ? piece.text : String.fromCharCode(Number.parseInt(piece.mark.slice(2), 16))))
          .join('')
        expect(back).toBe(text)
        for (const piece of shown)
          if ('text' in piece) expect(piece.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u007f-\u009f]/)
      }),
    )
    expect(piecesOf('a\u202eb')).toEqual([{ text: 'a' }, { mark: 'U+202E' }, { text: 'b' }])
    // a family is one sign
    expect(piecesOf('👨‍👩‍👧')).toEqual([{ text: '👨‍👩‍👧' }])
  })
  it('is a link only to the web', () => {
    for (const address of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:http://x/y',
      'intent://x',
      'tel:1',
      'about:blank',
      ' https://x',
      'https://',
    ])
      expect(webAddress(address), address).toBeNull()
    for (const address of ['https://a.example/x', 'http://a.example']) expect(webAddress(address)).toBe(address)
  })
})

describe('the chain', () => {
  const trail = (length: number): TrailLine[] => {
    const lines: TrailLine[] = []
    let before = noHash
    for (let seq = 1; seq <= length; seq++) {
      const record = {
        seq,
        at: '2026-11-29 03:12:04.512+00',
        entry: null,
        actor: 'key:ops',
        person: seq % 2 ? '李伟' : null,
        action: 'recall.admitted',
        object: `rcl_${seq}`,
        detail: '{"a": 1}',
        request: null,
        mac: null,
      } satisfies Omit<AuditRecord, 'hash'>
      before = hashRecord(before, record)
      lines.push({ ...record, hash: before })
    }
    return lines.toReversed()
  }
  it('is computed as the service computes it', async () => {
    const [line] = trail(1)
    expect(await hashLine(noHash, line ?? { seq: 0, hash: '' })).toBe(line?.hash)
    expect(hashedMembers).toContain('mac')
  })
  it('is whole where it is, and names the first record that is not, however the pages fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.option(fc.integer({ min: 1, max: 30 })),
        async (length, page, bad) => {
          const lines = trail(length).map(line => (line.seq === bad ? { ...line, object: 'other' } : line))
          const checker = createChecker()
          for (let at = 0; at < lines.length; at += page) await checker.take(lines.slice(at, at + page))
          const found = await checker.end()
          expect(found.firstBad).toBe(bad !== null && bad <= length ? bad : null)
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('colours', () => {
  const css = readFileSync(new URL('../../dashboard/console/styles/tokens.css', import.meta.url), 'utf8')
  const blocksOf = (scheme: string) =>
    css
      .split(/^(?=:root|@media)/m)
      .filter(block => block.includes(`color-scheme: ${scheme}`))
      .map((block): { readonly [name: string]: string } =>
        Object.fromEntries(
          [...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{3,6});/g)].map(([, name, hex]) => [name, hex]),
        ),
      )
  const themes = ['light', 'dark'].map(scheme => blocksOf(scheme)[0] ?? {})
  it('in the dark are the same, whether the system chose them or a person', () => {
    const [bySystem, byHand] = blocksOf('dark')
    expect(Object.keys(bySystem ?? {}).length).toBeGreaterThan(20)
    expect(byHand).toEqual(bySystem)
  })
  const luminance = (hex: string): number => {
    const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, '$&$&') : hex
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map(at => {
      const value = Number.parseInt(full.slice(at, at + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  const grounds = ['bg', 'surface', 'sunk']
  /** What lies on what: text needs 4.5, marks and edges of controls 3. */
  const pairs: readonly (readonly [over: string, under: string, least: number])[] = [
    ...['ink', 'soft', 'accent', 'ok', 'warn', 'bad'].flatMap(over =>
      grounds.map(under => [over, under, 4.5] as const),
    ),
    ...['ok', 'warn', 'bad'].map(over => [over, `${over}-tint`, 4.5] as const),
    ...['ok-tint', 'warn-tint', 'bad-tint', 'tint', 'sunk2'].map(under => ['ink', under, 4.5] as const),
    ['accent', 'tint', 4.5],
    ['soft', 'tint', 4.5],
    ...['fill', 'grave', 'production', 'sandbox'].map(under => ['white', under, 4.5] as const),
    ...['edge', 'mark'].flatMap(over => grounds.map(under => [over, under, 3] as const)),
    ...['bar-accepted', 'bar-rejected', 'bar-unknown'].flatMap(over => [
      [over, 'bar-rest', 3] as const,
      [over, 'surface', 3] as const,
    ]),
  ]
  it.each(pairs)('%s on %s is at least %f to 1, light and dark', (over, under, least) => {
    for (const theme of themes) {
      const [a, b] = [over === 'white' ? '#ffffff' : theme[over], theme[under]]
      expect(contrast(a ?? '', b ?? '')).toBeGreaterThanOrEqual(least)
    }
  })
})

describe('a recall of many messages', () => {
  it('tells each row of its own pushes alone', () => {
    const devices = fc.option(
      fc
        .record({ accepted: fc.nat(9), rejected: fc.nat(9), unknown: fc.nat(9), pending: fc.nat(9) })
        .map(parts => ({ ...parts, total: Object.values(parts).reduce((a, b) => a + b) })),
    )
    const target = fc.record({
      message: fc.constantFrom('one', 'two', null),
      state: fc.constantFrom('done', 'partial', 'running'),
      devices,
    })
    fc.assert(
      fc.property(fc.array(target, { maxLength: 6 }), targets => {
        const recall = { id: 'rcl_1', state: 'partial', devices: null, moreTargets: 0, targets } as unknown as Recall
        const own = targets.filter(({ message }) => message === 'one')
        const told = ofMessage(recall, 'one')
        if (own.length === 0 || own.length === targets.length) {
          expect(told).toBe(recall)
          return
        }
        expect(told.targets).toEqual(own)
        const known = own.flatMap(one => one.devices ?? [])
        expect(told.devices?.total ?? null).toBe(
          known.length === 0 ? null : known.reduce((all, one) => all + one.total, 0),
        )
        expect(told.state).toBe(new Set(own.map(({ state }) => state)).size === 1 ? own[0]?.state : 'partial')
      }),
    )
  })
})

describe('what is built', () => {
  it('is the same bytes every time, and within its budget', async () => {
    const [one, other] = await Promise.all([buildConsole(), buildConsole()])
    expect(one).toEqual(other)
    const sizes = (name: string) => [
      Buffer.byteLength(one.files[name] ?? ''),
      gzipSync(one.files[name] ?? '', { level: 9 }).length,
    ]
    const [plain = 0, packed = 0] = sizes(one.script)
    expect(plain).toBeLessThanOrEqual(190_000)
    expect(packed).toBeLessThanOrEqual(60_000)
    expect(sizes(one.style)[1]).toBeLessThanOrEqual(8000)
    // nothing of it makes markup of text, or code
    expect(one.files[one.script]).not.toMatch(/\beval\(|new Function|document\.write|insertAdjacentHTML/)
  })
})
