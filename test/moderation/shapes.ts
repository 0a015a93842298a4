/** Every shape in which a source can say that a content is to be blocked, as small as it can be; docs/moderation lists the same. */
export interface Shape {
  readonly source: string
  /** Where the id of the content stands: `42` in all of them. Lists as `[]`. */
  readonly content: string
  /** Where the block stands. */
  readonly verdict: string
  readonly document: unknown
}

/** From `a.b[].c` to `{"a":{"b":[{"c":value}]}}`, laid over what is there. */
function put(document: unknown, path: string, value: unknown): unknown {
  const [first = '', ...rest] = path.split('.')
  const isList = first.endsWith('[]')
  const name = isList ? first.slice(0, -2) : first
  const before = (document ?? {}) as { readonly [member: string]: unknown }
  const [old] = isList && Array.isArray(before[name]) ? (before[name] as unknown[]) : [before[name]]
  const inner = rest.length === 0 ? value : put(old, rest.join('.'), value)
  return { ...before, [name]: isList ? [inner] : inner }
}

const shape = (source: string, content: string, verdict: string, block: unknown, more: object = {}): Shape => ({
  source,
  content,
  verdict,
  document: put(put(more, content, '42'), verdict, block),
})

const at = new Date().toISOString()
const risk = (verdict: string, content = 'Data.DataId') => shape('aliyun-green', content, verdict, 'high')
const yidun = (verdict: string, block: number) => shape('netease-yidun', 'antispam.dataId', verdict, block)

export const shapes: readonly Shape[] = [
  shape('standard-webhooks', 'data.content', 'data.verdict', 'block', { type: 'moderation.verdict' }),
  shape('aliyun-green', 'scanResult.dataId', 'scanResult.results[].suggestion', 'block'),
  shape('aliyun-green', 'auditResult.dataId', 'auditResult.suggestion', 'block'),
  shape('aliyun-green', 'humanAuditResult.dataId', 'humanAuditResult.suggestion', 'block'),
  risk('Data.RiskLevel'),
  risk('Data.RiskLevel', 'Data.OssObjectName'),
  risk('Data.SliceDetails[].RiskLevel'),
  risk('Data.FrameResult.RiskLevel'),
  risk('Data.FrameResult.Frames[].RiskLevel'),
  risk('Data.AudioResult.RiskLevel'),
  risk('Data.AudioResult.SliceDetails[].RiskLevel'),
  shape('tencent-ams', 'DataId', 'Suggestion', 'Block', { Status: 'FINISH' }),
  shape('tencent-ams', 'DataId', 'ImageSegments[].Result.Suggestion', 'Block', { Status: 'RUNNING' }),
  shape('tencent-ams', 'DataId', 'AudioSegments[].Result.Suggestion', 'Block', { Status: 'RUNNING' }),
  shape('tencent-ci', 'JobsDetail.DataId', 'JobsDetail.Result', 1),
  shape('tencent-ci', 'JobsDetail.JobId', 'JobsDetail.Suggestion', 1),
  shape('tencent-ci', 'data.data_id', 'data.result', 1),
  shape('tencent-ci', 'data.trace_id', 'data.result', 1),
  shape('huawei-moderation', 'job_id', 'result.suggestion', 'block', { create_time: at, request_id: 'r' }),
  yidun('antispam.suggestion', 2),
  yidun('antispam.evidences.suggestion', 2),
  yidun('antispam.evidences.evidence.suggestion', 2),
  yidun('antispam.evidences.audio.suggestion', 2),
  yidun('antispam.evidences.video.suggestion', 2),
  yidun('antispam.evidences.video.evidence.suggestion', 2),
  yidun('antispam.reviewEvidences.suggestion', 2),
  yidun('antispam.reviewEvidences.action', 3),
  shape('netease-yidun', 'dataId', 'suggestion', 2),
  shape('netease-yidun', 'dataId', 'action', 2),
  shape('netease-yidun', 'dataId', 'result', 2),
  shape('netease-yidun', 'result[].antispam.dataId', 'result[].antispam.suggestion', 2),
  shape('ishumei', 'btId', 'riskLevel', 'REJECT', { code: 1100 }),
  shape('ishumei', 'requestId', 'riskLevel', 'REJECT', { code: 1100 }),
  shape('getstream', 'entity_id', 'recommended_action', 'remove', { type: 'moderation_check.completed' }),
  shape('getstream', 'review_queue_item.entity_id', 'action.type', 'remove', { type: 'review_queue_item.updated' }),
  shape('moderation-api', 'item.id', 'action.key', 'remove', { type: 'QUEUE_ITEM_ACTION' }),
  shape('sightengine', 'media.uri', 'summary.action', 'reject'),
  shape('sightengine', 'media.id', 'data.summary.action', 'reject'),
  shape('roost-coop', 'item.id', 'action.id', 'remove'),
  shape('roost-coop', 'item.id', 'appealDecision', 'REJECT'),
]

/** The same without its block. */
export function withoutBlock({ document, verdict }: Shape): unknown {
  return put(document, verdict, null)
}

/** What else is read: neither the content nor the block. */
export const details: { readonly [source: string]: string } = {
  'standard-webhooks': 'type timestamp labels reason by round',
  'aliyun-green': 'code label labels',
  'tencent-ams': 'Status Label UpdatedAt',
  'tencent-ci': 'message Label',
  'huawei-moderation': '',
  'netease-yidun':
    'status checkStatus labels label resultType censorSource censorRound censorTime ' +
    // beside which a result without `antispam` says nothing
    'asr language voice quality ocr face discern logo ad aigc anticheat emotionAnalysis userRisk llmCheckInfo',
  ishumei: 'code riskLabel1 riskLabel2 riskLabel3',
  getstream: 'entity_type created_at',
  'moderation-api': 'type timestamp flagged labels label metaType',
  sightengine: 'status',
  'roost-coop': 'typeId typeName policies name actorEmail',
}
