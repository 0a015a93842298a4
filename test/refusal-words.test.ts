/** What a refused request is told, and phrases of ours inside sentences, have their Chinese: found in the sources, wherever they are made. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phraseOf } from '../dashboard/words/notice-params.ts'
import { noticeText } from '../dashboard/words/notices.ts'
import { phrases } from '../dashboard/words/phrases.ts'
import { refusalInChinese, refusalWords } from '../dashboard/words/refusals.ts'
import { askedOperations } from '../shared/asked-operation.ts'
import { bounds } from '../shared/bounds.ts'
import { serviceNoticesIn } from '../shared/service-codes.ts'
import { readDestination, refusalOfAddress } from '../shared/webhooks/address.ts'
import { readSources } from './support/sources.ts'

const han = /\p{Script=Han}/u
const sources = (await readSources()).filter(({ path }) => /^(shared|functions)\/.*\.ts$/.test(path))

/** What stands in the place of `${…}` in a sentence of the sources. */
const stand = (expression: string): string =>
  Object.entries({
    operation: 'revoke',
    which: 'revoke',
    unit: 'bytes',
    relation: 'at most',
    seconds: '7',
    state: 'done',
    kind: 'recall',
  }).find(([name]) => new RegExp(`\\b${name}\\b`, 'i').test(expression))?.[1] ??
  (/bytes?|depth|members|length|value|most|count|more|contents|targets|devices|given|seconds|limit|index|ttl|minutes|strangers/i.test(
    expression,
  )
    ? '7'
    : /path/i.test(expression)
      ? '/x'
      : 'x1')
/** Literals after what `before` matches, their places filled; nested templates are left out. */
function literals(before: RegExp, text: string): string[] {
  const found = text.matchAll(
    new RegExp(`(?:${before.source})(?:'((?:[^'\\\\\\n]|\\\\.)*)'|\`((?:[^\`\\\\]|\\\\.)*)\`|"([^"\\n]*)")`, 'g'),
  )
  return [...found].map(([, single, template, double]) =>
    (single ?? template ?? double ?? '')
      .replace(/\\(.)/g, '$1')
      .replace(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g, (_, expression: string) => stand(expression)),
  )
}

describe('what a refused request is told', () => {
  it('is known, wherever it is made', () => {
    const made =
      /(?:new Problem|overBound|unauthorized)\(\s*(?:'[\w-]+'|slug|problem\.slug),\s*|unauthorized\(\s*|const detail =\s*|return `?|: (?=['`](?:Nothing|Nobody|What))/
    const details = sources
      .filter(
        ({ path }) =>
          !/providers\/|secrets\/|cloud\/|webhooks\/|audit\/verify|notice-codes|shared\/sentences/.test(path),
      )
      .flatMap(({ path, text }) => literals(made, text).map(detail => ({ path, detail })))
      .filter(
        ({ detail }) =>
          /^[A-Z].*\.$/s.test(detail) && !/^(The body|The header Idempotency-Key|Line 7|In target:) x1\.$/.test(detail),
      )
      .map(({ path, detail }) => ({ path, detail: detail.replace('recallx1', 'recall rcl_1') }))
    expect(details.length).toBeGreaterThan(60)
    const unknown = details.filter(({ detail }) => refusalInChinese({ detail, errors: [] }) === null)
    expect(unknown).toEqual([])
  })

  it('is known of each recall that is in the way, whatever that was asked for and does otherwise', () => {
    for (const operation of askedOperations)
      for (const difference of [null, 'with other exceptTokens', 'with another new text'])
        for (const name of ['', ' rcl_1']) {
          const which = difference === null ? operation : `${operation}, ${difference}`
          const detail = `This push is in another recall${name} (${which}) already. Wait for it, cancel it, or send "supersede": true.`
          const chinese = refusalInChinese({ detail, errors: [] })
          expect(chinese, detail).toMatch(han)
          expect(chinese?.replace(/rcl_1|token|"supersede": true/g, ''), detail).not.toMatch(/[A-Za-z]{3}/)
        }
  })

  it('ends with an advice that is known', () => {
    for (const [name, { advice, unit, what, value }] of Object.entries(bounds)) {
      const over = name.startsWith('unsealed')
        ? `At most ${value} ${unit} are kept (${what}), and these would be more.`
        : 'The body is over 7 bytes.'
      const detail = `${over} ${advice}`
      const chinese = refusalInChinese({ detail, errors: [] })
      expect(chinese, detail).toMatch(han)
      expect(chinese?.replace(/POST|PATCH|\/v1\S*|Retry-After|KB|push token|token|ID|[{}]/g, ''), detail).not.toMatch(
        /[A-Za-z]{3}/,
      )
    }
  })

  it('says of the first wrong member what is wrong with it, and a sentence that nobody knows as it came', () => {
    const errors = [{ path: '/overlay/title', message: 'must have at most 20 characters' }]
    expect(refusalInChinese({ detail: '/overlay/title must have at most 20 characters.', errors })).toBe(
      '/overlay/title 至多可有 20 个字符。',
    )
    expect(refusalInChinese({ detail: 'Something of tomorrow.', errors: [] })).toBeNull()
  })

  it('is read back from any of its sentences, with all that it says', () => {
    const said = fc.constantFrom(...Object.values(refusalWords)).chain(([english, chinese]) => {
      const names = [...english.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      return fc.tuple(...names.map(name => fc.constantFrom(...(samples[name] ?? ['x1', 'a-b'])))).map(given => {
        let place = 0
        return { detail: english.replace(/\{\w+\}/g, () => given[place++] ?? ''), names, given, chinese }
      })
    })
    fc.assert(
      fc.property(said, ({ detail, names, given, chinese }) => {
        const text = refusalInChinese({ detail, errors: [] }) ?? ''
        expect(text, detail).toMatch(han)
        expect(text, detail).not.toMatch(/[{}]/)
        for (const [place, name] of names.entries())
          if (chinese.includes(`{${name}}`) && !translated.has(name)) expect(text, detail).toContain(given[place])
      }),
      { numRuns: 600 },
    )
  })
})

/** Of these the Chinese says a word of its own. */
const translated = new Set(['operation', 'state', 'thing', 'paused', 'bounded'])
const samples: { readonly [name: string]: readonly string[] } = {
  operation: ['revoke', 'stop'],
  state: ['done', 'partial', 'cancelled'],
  thing: ['recall', 'message', 'delivery'],
  paused: ['key', 'person'],
  bounded: ['tokens', 'bytes', 'pieces'],
  count: ['7', '1200000'],
  bytes: ['4096'],
  most: ['20'],
  names: ['a, b', 'GET, POST'],
  path: ['/v1/messages/x', '/target'],
  member: ['notifyId', 'pushId'],
  id: ['promo-2026', 'rcl_06ck'],
  call: ['POST /v1/recalls/{id}/approve', 'GET /v1/audit'].map(call => call.replace(/[{}]/g, '')),
}

describe('a phrase inside a sentence', () => {
  it('is known: what is wrong with a member, why an address is not used, why a delivery cannot be read, what became of a call', () => {
    const kinds: readonly (readonly [path: RegExp, before: RegExp, least: number])[] = [
      [
        /^shared\/(recall|members|issues|api-schemas|pages|json|json-scan|overlay-content|request-input)/,
        /message(?::| =) |must: |fault\([^'`]+, |invalidBody\(|wrongParameter\(name, |z\.regex\(\S+ |z\.refine\([^'\n]+, |return /,
        25,
      ],
      [
        /^shared\/providers\/(?!.*(credentials|texts|index|login)\.ts)/,
        /message: |must: |return \[\{ path, message: /,
        15,
      ],
      [
        /^shared\/moderation\/(sources|pulls|open-delivery|receive|pull-verdicts)/,
        /unreadable: |unreadable', detail: |judged\([^'\n]+, /,
        30,
      ],
      [
        /^shared\/(providers\/.*(replies|login|reply|index)\.ts|recall\/(ask-vendor|sessions|each-token))/,
        /kind: 'unknown', reason: /,
        12,
      ],
      [/^shared\/webhooks\/address/, /refusal: /, 7],
      [/^shared\/json-syntax/, /message: /, 5],
    ]
    const unknown: string[] = []
    for (const [paths, before, least] of kinds) {
      const said = sources
        .filter(({ path }) => paths.test(path))
        .flatMap(({ text }) => literals(before, text))
        .filter(phrase => / /.test(phrase) && /^[a-zI’]/.test(phrase) && !phrase.endsWith('.'))
        // a part of one, or nothing but parts; how a value of the configuration must be; no message at all
        .filter(phrase => !/^(x1 .*|line x1, .*|is not valid JSON: x1|has a member whose name x1)$/.test(phrase))
        .filter(phrase => !/^(must name at least one push token|too many values)$/.test(phrase))
      expect(said.length, String(paths)).toBeGreaterThanOrEqual(least)
      unknown.push(...said.filter(phrase => phraseOf(phrase) === null))
    }
    expect([...new Set(unknown)]).toEqual([])
  })

  it('is said in Chinese with the same parts, alone and in a sentence', () => {
    const given: { readonly [name: string]: readonly string[] } = {
      ...samples,
      least: ['-1', '1'],
      milliseconds: ['8000'],
      line: ['1'],
      column: ['12'],
      member: ['item.id', 'result'],
      other: ['Result'],
      code: ['80300007', 'ECONNRESET'],
      type: ['TypeError'],
      counted: ['characters', 'items', 'bytes'],
      failure: ['timeout', 'reset'],
      wanted: ['a string', 'a string or null', '"a", "b" or "c"'],
      awaited: ['a value', 'a comma or }'],
      thing: ['push', 'message'],
      fault: ['must be one value of 1 to 255 visible ASCII characters', 'expected a colon'],
      cause: ['no reply within 8000 ms', 'ECONNREFUSED', 'the connection was closed'],
    }
    const said = fc.constantFrom(...Object.values(phrases)).chain(([english]) => {
      const names = [...english.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      return fc.tuple(...names.map(name => fc.constantFrom(...(given[name] ?? ['x1'])))).map(values => {
        let place = 0
        return english.replace(/\{\w+\}/g, () => values[place++] ?? '')
      })
    })
    fc.assert(
      fc.property(said, phrase => {
        const chinese = phraseOf(phrase) ?? ''
        expect(chinese, phrase).toMatch(/[\p{Script=Han}（：]/u)
        expect(chinese, phrase).not.toMatch(/\{\w+\}/)
        // where it ends can only be told by the last dot
        if (/\. /.test(phrase)) return
        for (const sentence of [
          `No usable answer: ${phrase}.`,
          `overlay/title ${phrase}.`,
          `It is genuine and cannot be read: ${phrase}.`,
        ]) {
          const [notice] = serviceNoticesIn(sentence)
          if (notice !== undefined && notice.code !== 'other')
            expect(noticeText(notice, true), sentence).toContain(chinese)
        }
      }),
      { numRuns: 600 },
    )
  })

  it('says where an address leads, whatever it is', () => {
    const bytes = fc.nat({ max: 255 })
    const v4 = fc.tuple(bytes, bytes, bytes, bytes).map(parts => parts.join('.'))
    const urls = fc.oneof(
      v4.map(host => `https://${host}/hook`),
      fc.constantFrom(
        'https://[::1]/',
        'https://[fc00::1]/',
        'https://[2002::1]/',
        'http://news.example',
        'https://u@news.example',
        'https://news.example:22',
        'https://localhost',
        'x',
        'https:\\\\news.example',
        'https://NEWS%2eexample',
      ),
    )
    fc.assert(
      fc.property(urls, url => {
        const read = readDestination(url, { allowLoopback: false, ports: [443, 8443] })
        if (!('refusal' in read)) return
        const [notice] = serviceNoticesIn(`The URL ${read.refusal}.`)
        expect(notice?.code).toBe('url_refused')
        const chinese = noticeText(notice ?? { code: '', params: {} }, true)
        expect(chinese.replace(/URL|https|ASCII|NAT64|NAT|IPv4|Teredo|[0-9a-f:.]+/g, ''), read.refusal).not.toMatch(
          /[A-Za-z]{3}/,
        )
      }),
      { numRuns: 500 },
    )
    for (const address of [
      '10.0.0.1',
      '169.254.169.254',
      '168.63.129.16',
      '::ffff:1.2.3.4',
      'fe80::1',
      '3fff::1',
      '9::1',
      'x',
    ]) {
      const [notice] = serviceNoticesIn(`h.example resolves to an address that is ${refusalOfAddress(address)}.`)
      expect(noticeText(notice ?? { code: '', params: {} }, true).replace(/h\.example|IPv4/g, '')).not.toMatch(
        /[A-Za-z]{3}/,
      )
    }
  })

  it('is a budget of a vendor by its name', () => {
    const lanes = sources
      .filter(({ path }) => /^shared\/providers\/\w+\/index\.ts$/.test(path))
      .flatMap(({ text }) => [...text.matchAll(/lane(?: =|:) \{ name: '([\w-]+)'/g)].map(([, name = '']) => name))
    expect(lanes.length).toBeGreaterThan(6)
    for (const lane of new Set(lanes)) {
      const [notice] = serviceNoticesIn(`The budget "${lane}" is used up for now.`)
      expect(noticeText(notice ?? { code: '', params: {} }, true)).not.toContain(`“${lane}”`)
    }
  })
})
