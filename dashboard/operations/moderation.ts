import { verdictQuery } from '../../shared/api-schemas.ts'
import { verdictEvent } from '../../shared/moderation/sources/standard-webhooks.ts'
import type { Operation } from '../operation.ts'

const example = {
  id: 'vrd_0k3v9q2m7x',
  endpoint: 'e_7f3a9c',
  source: 'aliyun-green',
  tier: 'B',
  content: 'article:42',
  verdict: 'block',
  action: null,
  by: 'machine',
  round: 0,
  labels: ['ad'],
  reason: null,
  occurredAt: null,
  receivedAt: '2026-11-23T02:10:00.000Z',
  operation: 'revoke',
  state: 'recalled',
  detail: null,
  notices: [],
  messages: 2,
  recalls: ['rcl_0k3v9q2m7x'],
  overturns: [],
}

export const moderationOperations: { readonly [route: string]: Operation } = {
  'POST /v1/webhooks/{endpoint}': {
    id: 'receiveVerdict',
    summary: ['Take the signed verdict of a moderation system', '接收审核系统签名的审核结论'],
    description: [
      'The secret unpush/webhooks/<endpoint> names the source and holds what verifies it; each source is taken in its own form and acknowledged in its own words. Shown here is the generic one: Standard Webhooks, with the headers webhook-id, webhook-timestamp (at most 300 s off) and webhook-signature. What the policy makes of the verdict is admitted at once and done without a person; repeats have no second effect. A block also acts on messages that are registered within 24 h after it. Deliveries have at most 4 MiB. Sources that sign nothing bring the secret of their URL as ?key=.',
      '密钥 unpush/webhooks/<endpoint> 指明来源及验签所需内容；各来源按其自身格式接收，并按其约定应答。此处展示通用格式：Standard Webhooks，须带 webhook-id、webhook-timestamp（偏差不超过 300 秒）与 webhook-signature 请求头。按策略应执行的操作立即受理，无需人工；重复投递不会产生第二次效果。block 对其后 24 小时内登记的消息同样生效。每次投递不超过 4 MiB。不签名的来源须在 URL 中以 ?key= 携带密钥。',
    ],
    body: {
      schema: verdictEvent(),
      examples: {
        block: {
          summary: ['Block an article', '封禁一篇文章'],
          value: {
            type: 'moderation.verdict',
            data: { content: 'article:42', verdict: 'block', labels: ['ad'], reason: 'fraudulent link' },
          },
        },
        pass: {
          summary: ['A person says that it was not wrong', '人工复审：内容没有问题'],
          value: {
            type: 'moderation.verdict',
            timestamp: '2026-11-23T02:30:00Z',
            data: { content: 'article:42', verdict: 'pass', by: 'human', round: 2 },
          },
        },
      },
    },
    answers: {
      200: {
        means: [
          'Genuine, and recorded; in the form that the source wants.',
          '验签通过并已记录；应答格式符合来源的约定。',
        ],
        holds: 'Acknowledged',
        example: { received: true },
      },
    },
    problems: {
      unauthorized: 'Not genuine. Always the same body, without requestId.',
      'not-found': 'There is no such endpoint.',
      'payload-too-large': 'The delivery is over 4 MiB.',
      'too-many-requests': 'More than 600 genuine deliveries a second came for this endpoint; send it again.',
      internal: 'A defect of Unpush.',
      unavailable:
        'The ledger or the endpoint’s secret cannot be reached or used now, or too many questions wait at a source that signs nothing; send it again.',
    },
  },
  'GET /v1/verdicts': {
    id: 'listVerdicts',
    summary: ['List verdicts, newest first, with what came of them', '列出审核结论及其结果，最新在前'],
    description: [
      'A key that does not reach all apps sees verdicts that led to recalls of apps, all of which it reaches.',
      '未覆盖全部应用的密钥，仅能看到已引发回撤、且所涉应用均在其范围内的结论。',
    ],
    query: verdictQuery(),
    answers: {
      200: {
        means: ['A page of verdicts.', '一页审核结论。'],
        holds: 'VerdictList',
        example: {
          items: [example],
          nextCursor: null,
        },
      },
    },
    problems: { 'invalid-request': 'A parameter is not valid, not known, or given twice.' },
  },
  'GET /v1/verdicts/{id}': {
    id: 'getVerdict',
    summary: ['Read a verdict', '查看单条审核结论'],
    description: [
      'To a key that does not reach all apps as the list shows it: only one that led to recalls of apps, all of which it reaches.',
      '未覆盖全部应用的密钥与列表范围相同：仅能查看已引发回撤、且所涉应用均在其范围内的结论。',
    ],
    answers: { 200: { means: ['The verdict.', '审核结论。'], holds: 'Verdict', example } },
    problems: { 'not-found': 'There is no such verdict, or the key does not reach all that it led to.' },
  },
}
