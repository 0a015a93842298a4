/** What every command has in common: its table, its words, its documents, and what is wrong with what was typed. */
import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandNames, commandOf } from '../../cli/commands.ts'
import { pages, withTables } from '../../cli/docs.ts'
import { durationOf, instantOf } from '../../cli/durations.ts'
import { readEnvironment } from '../../cli/environment.ts'
import { exits } from '../../cli/exit-codes.ts'
import { eventLines } from '../../cli/output/events.ts'
import { createSay } from '../../cli/output/language.ts'
import { columnsOf, cut, plain, safeJson, wrap } from '../../cli/output/text.ts'
import { table } from '../../cli/output/table.ts'
import { nearest } from '../../cli/parse.ts'
import { partsOf } from '../../cli/subject.ts'
import { widthOf } from '../../cli/terminal.ts'
import { cliWords, eventKinds, exitWords } from '../../dashboard/words/cli.ts'
import { commandWords, optionWords } from '../../dashboard/words/cli-commands.ts'
import { noticeText } from '../../dashboard/words/notices.ts'
import * as vendorNames from '../../dashboard/words/vendors/names.ts'
import { vendorSentences } from '../../dashboard/words/vendors/sentences.ts'
import * as terms from '../../dashboard/words/terms.ts'
import { sentences } from '../../shared/notice-codes.ts'
import type { Words } from '../../shared/words.ts'
import { commandLine } from '../support/command-line.ts'
import { dishonest } from '../support/honest-words.ts'

const own: readonly Words[] = [cliWords, commandWords, optionWords, eventKinds, exitWords].flatMap(words =>
  Object.values<Words>(words),
)

describe('words', () => {
  it('have the same places in both languages', () => {
    const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
    for (const [english, chinese] of own)
      expect(places(chinese), english).toEqual(expect.arrayContaining([...new Set(places(english))]))
    for (const [english, chinese] of own) expect(new Set(places(english)), chinese).toEqual(new Set(places(chinese)))
  })

  it('are used, each of them', async () => {
    const { readSources } = await import('../support/sources.ts')
    const text = (await readSources())
      .filter(({ path }) => path.startsWith('cli/'))
      .map(({ text }) => text)
      .join('\n')
    const unused = Object.keys(cliWords).filter(word => !new RegExp(`say\\(\\s*'${word}'`).test(text))
    expect(unused).toEqual([])
  })

  /** Whether a notification left a screen no vendor tells: no word says so, in either language. */
  it('claim nothing that nobody knows', () => {
    const shared = Object.values(terms).flatMap(value =>
      Array.isArray(value) ? [value] : Object.values(value),
    ) as Words[]
    const codes = Object.keys(sentences).map(code => [noticeText({ code, params: {} }, true)])
    const ofVendors = [...Object.values(vendorNames), vendorSentences].flatMap(table => Object.values(table))
    const wrong = [...own, ...shared, ...codes, ...ofVendors].flat().filter(text => dishonest.test(text))
    expect(wrong).toEqual([])
  })

  it('put a space between Chinese and Latin letters or digits, and full-width marks behind Chinese', () => {
    const wrong = own
      .map(([, chinese]) => chinese)
      .filter(text =>
        /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]|[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff]\.(?!\w)/.test(
          text,
        ),
      )
    expect(wrong).toEqual([])
  })
})

describe('documents', () => {
  it.each(['en', 'zh'] as const)('%s hold the tables of commands, flags and exit codes', async language => {
    const page = await readFile(pages[language], 'utf8')
    // npm run cli-docs
    expect(withTables(page, language)).toBe(page)
    for (const code of Object.values(exits)) expect(page).toContain(`| ${code} |`)
  })
  it.each(['en', 'zh'] as const)('%s name every variable that is read, and no other', async language => {
    const source = await readFile(new URL('../../cli/environment.ts', import.meta.url), 'utf8')
    const read = [...source.matchAll(/read\('([A-Z_]+)'\)/g)].map(([, name]) => name)
    const rows = (await readFile(pages[language], 'utf8')).split('\n').filter(line => /^\| `[A-Z_]+`/.test(line))
    const named = rows.flatMap(row => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name))
    expect(new Set(named)).toEqual(new Set(read))
  })
})

describe('help', () => {
  it('names every command, and every flag of each, in both languages and 40 columns', async () => {
    for (const lang of ['en', 'zh'])
      for (const columns of [40, null]) {
        const all = await commandLine(['--help', '--lang', lang], { columns })
        expect(all.exit).toBe(0)
        for (const name of commandNames()) {
          expect(all.out).toContain(name)
          const one = await commandLine(['help', name, `--lang=${lang}`], { columns })
          expect([one.exit, one.err]).toEqual([0, ''])
          for (const option of commandOf(name)?.options ?? []) expect(one.out).toContain(`--${option}`)
          const wide = one.out
            .split('\n')
            .filter(line => columns !== null && columnsOf(line) > columns && !/^ {2}(unpush|source)/.test(line))
          expect(wide).toEqual([])
        }
      }
  })
  it('tells its version', async () => {
    expect((await commandLine(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('what is typed wrong', () => {
  it('is named, with the nearest that there is', async () => {
    for (const [argv, near] of [
      [['revok'], 'unpush revoke'],
      [['mesages'], 'unpush messages'],
      [['revoke', '--mesage', 'x'], '--message'],
      [['revoke', '--dryrun'], '--dry-run'],
      [['xyzzy'], 'unpush --help'],
      [['watch', '--message', 'm'], '--help'],
      [['revoke', '--message', '--wait'], '--message ID'],
      [['revoke', '--message'], '--message ID'],
      [['revoke', '--message', 'a', '--message', 'b'], '--message'],
      [['revoke', '--wait=5'], '--wait'],
      [['revoke', '--reason='], '--reason'],
      [['watch'], 'RECALL'],
      [['watch', 'rcl_a', 'rcl_b'], 'rcl_b'],
      [['revoke', '--lang', 'fr'], '--lang'],
      [[], 'unpush --help'],
      [['--json'], 'unpush --help'],
    ] as const) {
      const { exit, err, out, json } = await commandLine(argv)
      expect([exit, err], argv.join(' ')).toEqual([2, expect.stringContaining(near)])
      if (argv.includes('--json' as never)) expect(json.detail).toEqual(expect.any(String))
      else expect(out).toBe('')
    }
  })
  it('never throws, whatever it is', async () => {
    const words = fc.oneof(
      fc.constantFrom(
        ...commandNames(),
        '--json',
        '--message',
        '--',
        '-',
        '--no-input',
        '-h',
        '--=',
        '--timeout',
        '1s',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 6 }), async argv => {
        const { exit, err, json } = await commandLine(argv)
        expect([0, 2, 4, 8]).toContain(exit)
        if (exit !== 0) expect(err).not.toBe('')
        if (exit !== 0 && argv.includes('--json')) expect(json).toBeTypeOf('object')
      }),
      { numRuns: 300 },
    )
  })
  it('suggests nothing that is far', () => {
    expect(nearest('zzz', commandNames())).toBeNull()
    expect(nearest('apprve', commandNames())).toBe('approve')
    expect(nearest('stpo', commandNames())).toBe('stop')
  })
})

describe('spans', () => {
  it('are read as people write them', () => {
    expect([durationOf('90s'), durationOf('1h30m'), durationOf('500ms'), durationOf('2d')]).toEqual([
      90_000, 5_400_000, 500, 172_800_000,
    ])
    for (const wrong of ['', '10', 'm', '1.5h', '-1h', '1 h', '1w']) expect(durationOf(wrong), wrong).toBeNull()
    const now = Date.parse('2026-11-23T04:00:00Z')
    expect(instantOf('2h', now)).toBe('2026-11-23T02:00:00.000Z')
    expect(instantOf('2026-11-23T03:00:00+08:00', now)).toBe('2026-11-22T19:00:00.000Z')
    expect(instantOf('yesterday', now)).toBeNull()
  })
})

/** Of V13: each does something else to a terminal that takes it at its word. */
export const hostile = [
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\',
  '\u009b2J',
  '\u202egnp.exe',
  '\u2066a\u2069',
  '\u200fright',
  'zero\u200bwidth\ufeff',
  'line\nbreak\r\n',
  'tab\tbell\u0007back\b',
  '\u2028separator',
  '\u{e0041}tag',
  '\u001bPq#0\u001b\\',
  '\u001bc',
]

describe('text of others', () => {
  const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\u200b\ufeff]/u
  it('loses control, escape and bidi characters, and moves nothing', () => {
    for (const text of hostile) expect(plain(`a${text}b`), JSON.stringify(text)).not.toMatch(unsafe)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const shown = plain(text)
        expect(shown).not.toMatch(unsafe)
        expect(plain(shown)).toBe(shown)
      }),
    )
  })
  it('stays what it is where it does no harm', () => {
    for (const text of ['限时优惠：全场一元', 'naïve café', '👩‍👩‍👧 family', 'नमस्ते', 'العربية', '한국어'])
      expect(plain(text)).toBe(text)
  })
  it('is the same document as JSON, without a byte that acts', () => {
    fc.assert(
      fc.property(fc.anything({ values: [fc.string({ unit: 'binary' }), fc.constantFrom(...hostile)] }), value => {
        const json = JSON.stringify(value)
        if (json === undefined) return
        const written = safeJson(value)
        expect(JSON.parse(written)).toEqual(JSON.parse(json))
        expect(written).not.toMatch(unsafe)
      }),
    )
  })
})

describe('columns', () => {
  const titles = fc.oneof(
    fc.constantFrom('限时优惠：全场一元', 'Tonight', '今晚 game 提醒', '👍🏽 ok', 'e\u0301te\u0301', ''),
    fc.string({ unit: 'grapheme', maxLength: 30 }).map(plain),
  )
  it('are counted as a terminal gives them', () => {
    for (const [text, columns] of [
      ['abc', 3],
      ['限时优惠', 8],
      ['全场 1 元', 9],
      ['e\u0301', 1],
      ['👍🏽', 2],
      ['👩‍👩‍👧', 2],
      ['，', 2],
      ['', 0],
    ] as const)
      expect(columnsOf(text), text).toBe(columns)
  })
  it('line up, and no line is wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(titles, titles, fc.nat()), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 12, max: 100 }),
        (rows, columns) => {
          const shape = [
            { title: 'a', least: 4 },
            { title: 'b', least: 4, leaves: 1 },
            { title: 'n', right: true },
          ]
          // the end of each line is marked, so that all have the same width
          const lines = table(
            [...shape, { title: '|' }],
            rows.map(([a, b, n]) => [a, b, String(n % 1000), '|']),
            columns,
          )
          for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
          expect(new Set(lines.map(columnsOf)).size).toBe(1)
        },
      ),
    )
  })
  it('are kept by what is cut and what is broken into lines', () => {
    fc.assert(
      fc.property(titles, fc.integer({ min: 4, max: 20 }), (text, columns) => {
        expect(columnsOf(cut(text, columns))).toBeLessThanOrEqual(columns)
        // a word that is longer than the line stays whole: it may be an id
        const words = text.split(/\s+/)
        if (words.every(word => columnsOf(word) <= columns / 2))
          for (const line of wrap(text, columns)) expect(columnsOf(line)).toBeLessThanOrEqual(columns + 2)
      }),
    )
  })
})

describe('a terminal', () => {
  it('without a name, or called dumb, gets no colour and no line drawn again; Windows has no such name', () => {
    const of = (variables: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') => {
      const { color, redraws } = readEnvironment({ HOME: '/nowhere', ...variables }, { platform })
      return [color, redraws]
    }
    expect([of({}), of({ TERM: '' }), of({ TERM: 'dumb' })]).toEqual([
      [false, false],
      [false, false],
      [false, false],
    ])
    expect(of({ TERM: 'xterm' })).toEqual([true, true])
    expect(of({ TERM: 'xterm', NO_COLOR: '1' })).toEqual([false, true])
    expect([of({}, 'win32'), of({ TERM: 'dumb' }, 'win32')]).toEqual([
      [true, true],
      [false, false],
    ])
  })
  it('that nobody gave a size is as wide as COLUMNS says, else as what is written', () => {
    expect(widthOf({ isTTY: true, columns: 0 }, null)).toBeNull()
    expect(widthOf({ isTTY: true, columns: 0 }, 40)).toBe(40)
    expect(widthOf({ isTTY: true }, 40)).toBe(40)
    expect(widthOf({ isTTY: true, columns: 100 }, 40)).toBe(100)
    expect(widthOf({ columns: 100 }, null)).toBeNull()
  })
})

describe('a timeline', () => {
  it('says in the reader’s language what came of a call and why it waited, and no end of what goes on', () => {
    const events = [
      {
        at: '2026-11-29T15:52:10Z',
        kind: 'blocked',
        until: null,
        app: 'news-harmony',
        by: 'rate',
        detail: 'The vendor asks for less (HTTP 503).',
        notices: [{ code: 'asked_for_less_code', params: { code: 'HTTP 503' } }],
      },
      { at: '2026-11-29T15:52:10Z', kind: 'answers', call: 'revoke', outcome: 'throttled', calls: 10 },
    ]
    const [zh, en] = (['zh', 'en'] as const).map(language => eventLines(events, createSay(language)).join('\n'))
    expect(zh).toContain('厂商要求降低频率（HTTP 503）。')
    expect(zh).toContain('触及频率限制')
    expect(zh?.replaceAll('HTTP', '').replaceAll('news-harmony', '')).not.toMatch(/[A-Za-z]{3}/)
    expect(en).toContain('The vendor asks for less (HTTP 503).')
    expect([zh, en].join()).not.toMatch(/\d–/)
  })
})

it('parts of a list of push tokens hold all of it, in its order, within what a request takes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), tokens => {
      expect(partsOf(tokens).flat()).toEqual(tokens)
    }),
  )
  const many = Array.from({ length: 450_000 }, (_, index) => `token-${index}`)
  const parts = partsOf(many)
  expect(parts.flat().length).toBe(many.length)
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(200_000)
    expect(Buffer.byteLength(part.map(token => JSON.stringify(token)).join('\n'))).toBeLessThan(4 * 1024 * 1024)
  }
})
