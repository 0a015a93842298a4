/** What senders really write: nulls, numbers as ids, words in any case, lists of results. It changes no verdict. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { allSources } from '../../shared/moderation/sources.ts'
import { changed, keyOf, pathsIn, samples, silent, unfinished } from './genuine.ts'
import { endpointOf, open, signerOf } from './subjects.ts'

const sources = await allSources()

const secrets = new Map(sources.map(({ name }) => [name, makeSignerSecret(name)]))
function read(source: string, text: string, more: object = {}) {
  const secret = secrets.get(source) ?? {}
  const endpoint = endpointOf(source, publishedSecret(secret), more)
  const opened = open(endpoint, signerOf(source).sign(text, secret))
  return { endpoint, opened }
}
const acted = (source: string, text: string) => {
  const { endpoint, opened } = read(source, text)
  return opened?.verdicts.map(verdict => [verdict.content, endpoint.operationFor(verdict)])
}

it('has a sample of every source that may act', () => {
  const acting = sources.filter(({ tier }) => tier !== 'C').map(({ name }) => name)
  expect(new Set(samples.map(({ source }) => source))).toEqual(new Set(acting))
})

/** Members that may be missing because it says nothing yet. */
const mayBeMissing = (place: string) => silent.has(place) || unfinished.has(place)

const seed = Date.now()
console.log(`tolerance: seed ${seed}`)

describe.each(samples.map((sample, index) => ({ ...sample, index })))('sample $index of $source', sample => {
  const { source, document, needed, ids, words, numbers = [] } = sample
  const optional = pathsIn(document).filter(path => !needed.some(one => keyOf(one) === keyOf(path)))

  it('means the same whatever of it is null, a number, or in another case', () => {
    expect(acted(source, JSON.stringify(document))).toContainEqual(['42', 'revoke'])
    fc.assert(
      fc.property(
        fc.subarray(optional),
        fc.subarray([...ids]),
        fc.subarray([...numbers]),
        fc.constantFrom('lower', 'upper', 'as it is'),
        (nulls, asNumbers, asTexts, letters) => {
          let mutated = document
          for (const path of asNumbers) mutated = changed(mutated, path, Number)
          for (const path of asTexts)
            mutated = changed(mutated, path, before => (typeof before === 'number' ? `${before}` : before))
          for (const path of words) {
            mutated = changed(mutated, path, before => {
              if (typeof before !== 'string' || letters === 'as it is') return before
              return letters === 'lower' ? before.toLowerCase() : before.toUpperCase()
            })
          }
          for (const path of nulls) mutated = changed(mutated, path, () => null)
          const text = JSON.stringify(mutated)
          expect(acted(source, text), text).toContainEqual(['42', 'revoke'])
        },
      ),
      { seed, numRuns: 200 },
    )
  })

  it('is unreadable, never nothing, without what it needs', () => {
    const nothing = new Set<string>()
    for (const path of needed) {
      for (const put of [undefined, null, [], {}, 0.5, true, '']) {
        const { opened } = read(source, JSON.stringify(changed(document, path, () => put)))
        const said = [...(opened?.verdicts ?? []), ...(opened?.unreadable ?? [])]
        if (said.length === 0) nothing.add(`${source}/${keyOf(path)}`)
      }
    }
    expect([...nothing].filter(place => !mayBeMissing(place))).toEqual([])
  })

  it('keeps an id of twenty digits', () => {
    const [path = []] = ids
    const text = JSON.stringify(changed(document, path, () => 'THE-ID')).replace('"THE-ID"', '12345678901234567890')
    expect(acted(source, text)).toContainEqual(['12345678901234567890', 'revoke'])
  })
})

describe('netease-yidun', () => {
  const one = (dataId: string, suggestion: unknown) => ({ antispam: { dataId, suggestion } })
  const said = (document: unknown) => {
    const { opened } = read('netease-yidun', JSON.stringify(document))
    return [
      opened?.verdicts.map(({ content, decision, authority }) => [content, decision, authority]),
      opened?.unreadable,
    ]
  }
  it('delivers lists of results, of which one that cannot be read voids no other', () => {
    expect(said([one('a', 2), one('b', 0), 7, one('c', 'no'), one('d', '2')])).toEqual([
      [
        ['a', 'block', 'machine'],
        ['b', 'pass', 'machine'],
        ['d', 'block', 'machine'],
      ],
      ['a result is not an object', 'antispam.suggestion is not 0, 1 or 2'],
    ])
    expect(said([])).toEqual([[], ['callbackData is an empty list']])
    expect(said({ code: 200, result: [one('a', 2)] })).toEqual([[['a', 'block', 'machine']], []])
  })
  it('delivers what is found in live streams one level deeper', () => {
    const live = (more: object) => said({ antispam: { dataId: 'a', ...more } })
    expect(live({ evidences: { suggestion: 2 } })).toEqual([[['a', 'block', 'machine']], []])
    expect(live({ evidences: { evidence: { suggestion: 2 } } })).toEqual([[['a', 'block', 'machine']], []])
    expect(live({ evidences: { audio: { suggestion: 1 }, video: { evidence: { suggestion: 2 } } } })).toEqual([
      [['a', 'block', 'machine']],
      [],
    ])
    expect(live({ reviewEvidences: { action: 3 } })).toEqual([[['a', 'block', 'human']], []])
    expect(live({ reviewEvidences: { suggestion: 0 } })).toEqual([[['a', 'pass', 'human']], []])
    expect(live({ reviewEvidences: { action: 8 } })).toEqual([[['a', 'review', 'human']], []])
    expect(live({ evidences: { suggestion: 0 }, reviewEvidences: { action: 2 } })).toEqual([
      [
        ['a', 'pass', 'machine'],
        ['a', 'block', 'human'],
      ],
      [],
    ])
    expect(said({ asr: { dataId: 'a', content: 'words' } })).toEqual([[], []])
    expect(live({ status: 3, failureReason: 2 })).toEqual([[], []])
  })
})

describe('ishumei', () => {
  const secret = secrets.get('ishumei') ?? {}
  const endpoint = endpointOf('ishumei', publishedSecret(secret))
  const inner = '{"code":1100,"btId":"42","riskLevel":"REJECT"}'
  const sent = signerOf('ishumei').sign(inner, secret)
  const { checksum } = JSON.parse(sent.body.toString())
  const envelope = (text: string) => open(endpoint, { ...sent, body: Buffer.from(text) })
  it('takes the result as an object too, as its sample of pictures has it', () => {
    expect(envelope(`{"checksum":"${checksum}","result":${inner}}`)?.verdicts).toMatchObject([{ content: '42' }])
    expect(envelope(`{ "result" : ${inner} , "checksum" : "${checksum}" }`)?.verdicts).toMatchObject([
      { content: '42' },
    ])
  })
  it.each([
    ['another object', `{"checksum":"${checksum}","result":${inner.replace('42', '43')}}`],
    ['a blank more in it', `{"checksum":"${checksum}","result":${inner.replace(',', ', ')}}`],
    ['a member more', `{"checksum":"${checksum}","result":${inner},"x":1}`],
    ['a list', `{"checksum":"${checksum}","result":[${inner}]}`],
    ['no checksum', `{"checksum":null,"result":${inner}}`],
    ['the object and the text', `{"checksum":"${checksum}","result":${inner},"result":${JSON.stringify(inner)}}`],
  ])('refuses %s', (_what, text) => {
    expect(envelope(text)).toBeNull()
  })
})

describe('standard-webhooks', () => {
  const secret = secrets.get('standard-webhooks') ?? {}
  const endpoint = endpointOf('standard-webhooks', publishedSecret(secret))
  const signer = signerOf('standard-webhooks')
  const sent = signer.sign(signer.write({ content: '42', verdict: 'block' }), secret)
  const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': signature = '' } = sent.headers
  it('takes the headers in the spelling of Svix, and none of both', () => {
    const svix = { 'svix-id': id, 'svix-timestamp': time, 'svix-signature': signature }
    expect(open(endpoint, { ...sent, headers: svix })?.verdicts).toMatchObject([{ content: '42' }])
    for (const name of Object.keys(svix)) {
      const other = name.replace('svix', 'webhook')
      const { [name as keyof typeof svix]: moved, ...rest } = svix
      expect(open(endpoint, { ...sent, headers: { ...rest, [other]: moved } }), other).toBeNull()
      expect(open(endpoint, { ...sent, headers: { ...svix, [other]: moved } }), other).toBeNull()
      expect(open(endpoint, { ...sent, headers: { ...sent.headers, [name]: moved } }), name).toBeNull()
    }
  })
  it('takes the time of arrival for one that cannot be read', () => {
    const at = Math.floor(Date.now() / 1000) * 1000
    const told = (timestamp: unknown) => {
      const text = JSON.stringify({ type: 'moderation.verdict', timestamp, data: { content: '42', verdict: 'block' } })
      const opened = open(endpoint, signer.sign(text, secret, String(at / 1000)), at)
      return opened?.verdicts[0]?.occurredAt?.getTime()
    }
    for (const unreadable of [
      '2026-07-01T08:00:00',
      'yesterday',
      '',
      null,
      '20260701',
      {},
      1.5,
      '9999999999999999999999',
    ])
      expect(told(unreadable), JSON.stringify(unreadable)).toBe(at)
    for (const written of ['2026-07-01T08:00:00Z', '2026-07-01t10:00:00+02:00', '2026-07-01 08:00:00.000Z', 1782892800])
      expect(told(written), String(written)).toBe(Date.UTC(2026, 6, 1, 8))
    expect(told(1782892800123)).toBe(1782892800123)
    expect(told('1782892800123456789')).toBe(1782892800123)
  })
})
