/** What senders really write: nulls, numbers as ids, words in any case, lists of results. It changes no verdict. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { sources } from '../../shared/moderation/sources.ts'
import { endpointOf, open, signerOf } from './subjects.ts'

type Path = readonly (string | number)[]
interface Sample {
  readonly source: string
  readonly document: unknown
  /** What has to stand there; whatever else does may be null. */
  readonly needed: readonly Path[]
  /** Ids: `"42"` here, which may be 42. */
  readonly ids: readonly Path[]
  /** Words of the source's own, which may have any case. */
  readonly words: readonly Path[]
  /** Numbers that may be texts. */
  readonly numbers?: readonly Path[]
}

const now = new Date().toISOString()
const samples: readonly Sample[] = [
  {
    source: 'standard-webhooks',
    document: {
      type: 'moderation.verdict',
      timestamp: now,
      data: { content: '42', verdict: 'block', labels: ['ad'], reason: 'r', by: 'human', round: 2 },
    },
    needed: [['type'], ['data'], ['data', 'content'], ['data', 'verdict']],
    ids: [['data', 'content']],
    words: [['type'], ['data', 'verdict'], ['data', 'by']],
    numbers: [['data', 'round']],
  },
  {
    source: 'aliyun-green',
    document: {
      scanResult: {
        code: 200,
        msg: 'OK',
        dataId: '42',
        taskId: 't',
        results: [{ label: 'ad', suggestion: 'block', rate: 9 }],
      },
      auditResult: null,
    },
    needed: [
      ['scanResult'],
      ['scanResult', 'dataId'],
      ['scanResult', 'results'],
      ['scanResult', 'results', 0],
      ['scanResult', 'results', 0, 'suggestion'],
    ],
    ids: [['scanResult', 'dataId']],
    words: [['scanResult', 'results', 0, 'suggestion']],
    numbers: [['scanResult', 'code']],
  },
  {
    source: 'aliyun-green',
    document: { auditResult: { dataId: '42', suggestion: 'block', labels: ['a', 'b'] }, scanResult: null },
    needed: [['auditResult'], ['auditResult', 'dataId'], ['auditResult', 'suggestion']],
    ids: [['auditResult', 'dataId']],
    words: [['auditResult', 'suggestion']],
  },
  {
    source: 'aliyun-green',
    document: { Code: 200, Data: { DataId: '42', OssObjectName: 'o', RiskLevel: 'high', Result: [] } },
    needed: [['Data'], ['Data', 'DataId'], ['Data', 'RiskLevel']],
    ids: [['Data', 'DataId']],
    words: [['Data', 'RiskLevel']],
  },
  {
    source: 'tencent-ams',
    document: { DataId: '42', Status: 'FINISH', Suggestion: 'Block', Label: 'Ad', UpdatedAt: now, Name: 'n' },
    needed: [['DataId'], ['Suggestion']],
    ids: [['DataId']],
    words: [['Suggestion'], ['Status']],
  },
  {
    source: 'netease-yidun',
    document: {
      antispam: {
        dataId: '42',
        taskId: 't',
        suggestion: 2,
        labels: [{ label: 100 }],
        resultType: 2,
        censorSource: 0,
        censorRound: 1,
        censorTime: Date.now(),
        evidences: { suggestion: 2 },
      },
      asr: { content: 'x' },
    },
    needed: [['antispam'], ['antispam', 'dataId'], ['antispam', 'suggestion']],
    ids: [['antispam', 'dataId']],
    words: [],
    numbers: [
      ['antispam', 'suggestion'],
      ['antispam', 'resultType'],
      ['antispam', 'censorRound'],
      ['antispam', 'censorTime'],
    ],
  },
  {
    source: 'ishumei',
    document: {
      code: 1100,
      message: 'm',
      requestId: 'r',
      btId: '42',
      riskLevel: 'REJECT',
      riskLabel1: 'a',
      riskLabel2: '',
    },
    needed: [['code'], ['btId'], ['riskLevel']],
    ids: [['btId']],
    words: [['riskLevel']],
    numbers: [['code']],
  },
  {
    source: 'getstream',
    document: {
      type: 'moderation_check.completed',
      entity_id: '42',
      entity_type: 'stream:chat:v1:message',
      recommended_action: 'remove',
      created_at: now,
      custom: {},
    },
    needed: [['type'], ['entity_id'], ['recommended_action']],
    ids: [['entity_id']],
    words: [['type']],
  },
  {
    source: 'getstream',
    document: {
      type: 'review_queue_item.updated',
      review_queue_item: { entity_id: '42', entity_type: 'stream:chat:v1:message', message: { text: 'x' } },
      action: { type: 'remove', created_at: now },
      flags: [],
    },
    needed: [['type'], ['review_queue_item'], ['review_queue_item', 'entity_id'], ['action'], ['action', 'type']],
    ids: [['review_queue_item', 'entity_id']],
    words: [['type']],
  },
  {
    source: 'moderation-api',
    document: {
      id: 'e',
      type: 'QUEUE_ITEM_ACTION',
      timestamp: Date.now(),
      item: { id: '42', flagged: true, labels: [{ label: 'A', flagged: true }], metaType: 'post' },
      action: { id: 'a', key: 'remove', value: 'v' },
    },
    needed: [['item'], ['item', 'id'], ['action'], ['action', 'key']],
    ids: [['item', 'id']],
    words: [['type']],
    numbers: [['timestamp']],
  },
  {
    source: 'sightengine',
    document: { media: { id: 'm', uri: '42' }, data: { status: 'finished' }, summary: { action: 'reject' } },
    needed: [['media'], ['media', 'uri'], ['summary'], ['summary', 'action']],
    ids: [['media', 'uri']],
    words: [
      ['summary', 'action'],
      ['data', 'status'],
    ],
  },
  {
    source: 'roost-coop',
    document: {
      item: { id: '42', typeId: 'article', typeName: 'Article' },
      action: { id: 'remove' },
      policies: [{ id: 'p', name: 'Spam' }],
      rules: [],
      actorEmail: 'a@b.c',
      creator: { id: 'u', typeId: 'user' },
    },
    needed: [['item'], ['item', 'id'], ['action'], ['action', 'id']],
    ids: [['item', 'id']],
    words: [],
  },
  {
    source: 'roost-coop',
    document: {
      appealId: 'a',
      item: { id: '42', typeId: 'article' },
      appealDecision: 'REJECT',
      appealedBy: { id: 'u' },
    },
    needed: [['item'], ['item', 'id'], ['appealDecision']],
    ids: [['item', 'id']],
    words: [['appealDecision']],
  },
]

const key = (path: Path) => path.join('/')
/** Of every member and item. */
function pathsIn(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => {
    const path = [...above, Array.isArray(value) ? Number(name) : name]
    return [path, ...pathsIn(item, path)]
  })
}
function changed(value: unknown, path: Path, change: (before: unknown) => unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item, index) => (index === name ? changed(item, rest, change) : item))
  const inner = name in value ? (value as { readonly [name: string]: unknown })[name] : undefined
  return { ...value, [name]: changed(inner, rest, change) }
}

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

/** Known to say nothing: an event without its action, a workflow without a summary, a transcript, a failed code. */
const silent = new Set([
  'getstream/action',
  'sightengine/summary',
  'sightengine/summary/action',
  'netease-yidun/antispam',
  'ishumei/code',
])

const seed = Date.now()
console.log(`tolerance: seed ${seed}`)

describe.each(samples.map((sample, index) => ({ ...sample, index })))('sample $index of $source', sample => {
  const { source, document, needed, ids, words, numbers = [] } = sample
  const optional = pathsIn(document).filter(path => !needed.some(one => key(one) === key(path)))

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
        if (said.length === 0) nothing.add(`${source}/${key(path)}`)
      }
    }
    expect([...nothing].filter(place => !silent.has(place))).toEqual([])
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
