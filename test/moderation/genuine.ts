/** Genuine deliveries of every source that may act, and how to change them member by member. */

export type Path = readonly (string | number)[]
/** A block about the content 42. */
export interface Sample {
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
export const samples: readonly Sample[] = [
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
    needed: [['btId'], ['riskLevel']],
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
  {
    source: 'aliyun-green',
    document: { humanAuditResult: { dataId: '42', suggestion: 'block', taskId: 't' } },
    needed: [['humanAuditResult'], ['humanAuditResult', 'dataId'], ['humanAuditResult', 'suggestion']],
    ids: [['humanAuditResult', 'dataId']],
    words: [['humanAuditResult', 'suggestion']],
  },
  {
    source: 'aliyun-green',
    document: {
      Data: {
        OssObjectName: '42',
        LiveId: 'l',
        RiskLevel: 'none',
        AudioResult: { RiskLevel: 'low', SliceDetails: [{ RiskLevel: 'high', Text: 'x', Labels: 'ad' }] },
        FrameResult: null,
      },
    },
    needed: [
      ['Data'],
      ['Data', 'OssObjectName'],
      ['Data', 'AudioResult'],
      ['Data', 'AudioResult', 'SliceDetails'],
      ['Data', 'AudioResult', 'SliceDetails', 0],
      ['Data', 'AudioResult', 'SliceDetails', 0, 'RiskLevel'],
    ],
    ids: [['Data', 'OssObjectName']],
    words: [['Data', 'AudioResult', 'SliceDetails', 0, 'RiskLevel']],
  },
  {
    source: 'aliyun-green',
    document: {
      Data: { DataId: '42', FrameResult: { Frames: [{ RiskLevel: 'high', Offset: 1 }] }, SliceDetails: [] },
    },
    needed: [
      ['Data'],
      ['Data', 'DataId'],
      ['Data', 'FrameResult'],
      ['Data', 'FrameResult', 'Frames'],
      ['Data', 'FrameResult', 'Frames', 0],
      ['Data', 'FrameResult', 'Frames', 0, 'RiskLevel'],
    ],
    ids: [['Data', 'DataId']],
    words: [['Data', 'FrameResult', 'Frames', 0, 'RiskLevel']],
  },
  {
    source: 'aliyun-green',
    document: { Data: { DataId: '42', SliceDetails: [{ RiskLevel: 'high', Url: 'https://example.com' }] } },
    needed: [
      ['Data'],
      ['Data', 'DataId'],
      ['Data', 'SliceDetails'],
      ['Data', 'SliceDetails', 0],
      ['Data', 'SliceDetails', 0, 'RiskLevel'],
    ],
    ids: [['Data', 'DataId']],
    words: [['Data', 'SliceDetails', 0, 'RiskLevel']],
  },
  // what else the documents and SDKs of these sources send: lists, live streams, parts of what is still being watched
  {
    source: 'tencent-ams',
    document: {
      DataId: '42',
      Status: 'RUNNING',
      Type: 'LIVE_VIDEO',
      ImageSegments: [{ OffsetTime: '10', Result: { Suggestion: 'Block', Label: 'Porn', OcrResults: [] } }],
      AudioSegments: [],
    },
    needed: [
      ['DataId'],
      ['ImageSegments'],
      ['ImageSegments', 0],
      ['ImageSegments', 0, 'Result'],
      ['ImageSegments', 0, 'Result', 'Suggestion'],
    ],
    ids: [['DataId']],
    words: [['Status'], ['ImageSegments', 0, 'Result', 'Suggestion']],
  },
  {
    source: 'netease-yidun',
    document: [
      { antispam: { dataId: '42', suggestion: 2, labels: [{ label: 200 }] }, asr: { content: 'x' } },
      { antispam: { dataId: '43', suggestion: 0 } },
    ],
    needed: [[0], [0, 'antispam'], [0, 'antispam', 'dataId'], [0, 'antispam', 'suggestion']],
    ids: [[0, 'antispam', 'dataId']],
    words: [],
    numbers: [[0, 'antispam', 'suggestion']],
  },
  {
    source: 'netease-yidun',
    document: {
      antispam: {
        dataId: '42',
        status: 2,
        evidences: { audio: { suggestion: 0 }, video: { evidence: { suggestion: 2, labels: [] } } },
      },
    },
    needed: [
      ['antispam'],
      ['antispam', 'dataId'],
      ['antispam', 'evidences'],
      ['antispam', 'evidences', 'video'],
      ['antispam', 'evidences', 'video', 'evidence'],
      ['antispam', 'evidences', 'video', 'evidence', 'suggestion'],
    ],
    ids: [['antispam', 'dataId']],
    words: [],
    numbers: [['antispam', 'evidences', 'video', 'evidence', 'suggestion']],
  },
  {
    source: 'ishumei',
    document: { code: 1100, requestId: '42', riskLevel: 'REJECT', frameDetail: [{ riskLevel: 'PASS', imgText: 'x' }] },
    needed: [['requestId'], ['riskLevel']],
    ids: [['requestId']],
    words: [['riskLevel']],
    numbers: [['code']],
  },
  {
    source: 'sightengine',
    document: {
      media: { id: '42' },
      data: { status: 'ongoing', summary: { action: 'reject', reject_prob: 0.9 }, frames: [{ nudity: {} }] },
    },
    needed: [['media'], ['media', 'id'], ['data'], ['data', 'summary'], ['data', 'summary', 'action']],
    ids: [['media', 'id']],
    words: [
      ['data', 'status'],
      ['data', 'summary', 'action'],
    ],
  },
]

export const keyOf = (path: Path) => path.join('/')
/** Of every member and item. */
export function pathsIn(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => {
    const path = [...above, Array.isArray(value) ? Number(name) : name]
    return [path, ...pathsIn(item, path)]
  })
}
export function changed(value: unknown, path: Path, change: (before: unknown) => unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item, index) => (index === name ? changed(item, rest, change) : item))
  const inner = name in value ? (value as { readonly [name: string]: unknown })[name] : undefined
  return { ...value, [name]: changed(inner, rest, change) }
}

/** Where nothing stands, nothing is said: an event without its action, a workflow without a summary, a transcript. */
export const silent = new Set([
  'getstream/action',
  'sightengine/summary',
  'sightengine/summary/action',
  'sightengine/data',
  'sightengine/data/summary',
  'sightengine/data/summary/action',
  'netease-yidun/antispam',
  'netease-yidun/0/antispam',
])

/** Parts of what is still being watched: without the block there is no verdict yet. */
export const unfinished = new Set(
  ['ImageSegments', 'ImageSegments/0', 'ImageSegments/0/Result', 'ImageSegments/0/Result/Suggestion'].map(
    place => `tencent-ams/${place}`,
  ),
)
