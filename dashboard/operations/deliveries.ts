import { deliveryQuery, reasonBody } from '../../shared/api-schemas.ts'
import { bodyProblems } from '../problems.ts'
import type { Operation } from '../operation.ts'

const example = {
  id: 'dlv_6d1f0c5be9a64f0c8c1c0b7d2a3e4f51',
  subscriber: 'console',
  type: 'recall.completed',
  recall: 'rcl_0k3v9q2m7x',
  state: 'pending',
  createdAt: '2026-11-23T02:10:04.120Z',
  settledAt: null,
  nextAttemptAt: '2026-11-23T02:15:31.000Z',
  attempts: [
    {
      startedAt: '2026-11-23T02:10:09.900Z',
      finishedAt: '2026-11-23T02:10:10.020Z',
      status: 503,
      detail: null,
      notices: [],
    },
    {
      startedAt: '2026-11-23T02:10:04.300Z',
      finishedAt: '2026-11-23T02:10:04.410Z',
      status: 503,
      detail: null,
      notices: [],
    },
  ],
}

export const deliveryOperations: { readonly [route: string]: Operation } = {
  'GET /v1/deliveries': {
    id: 'listDeliveries',
    summary: ['List deliveries of status webhooks, newest first', '列出状态通知的投递记录，最新在前'],
    description: [
      'What subscribers (the secrets unpush/subscribers/<id>) were told, and every try of it. A delivery is tried up to ten times over three days; then its subscriber is disabled, and what comes meanwhile is held. Only deliveries about recalls all of whose apps the key reaches. They are kept for 30 days.',
      '向各订阅方（密钥 unpush/subscribers/<id>）发送的通知及其每次尝试。每条通知在三天内最多尝试十次，仍未成功则停用该订阅方，其间产生的通知暂存。仅列出所涉应用均在密钥范围内的回撤的通知，保留 30 天。',
    ],
    query: deliveryQuery(),
    answers: {
      200: {
        means: ['A page of deliveries.', '一页投递记录。'],
        holds: 'DeliveryList',
        example: { items: [example], nextCursor: null },
      },
    },
    problems: { 'invalid-request': 'A parameter is not valid, not known, or given twice.' },
  },
  'GET /v1/deliveries/{id}': {
    id: 'getDelivery',
    summary: ['Read a delivery', '查看单条投递记录'],
    description: ['With its last ten tries.', '包括最近十次尝试。'],
    answers: { 200: { means: ['The delivery.', '投递记录。'], holds: 'Delivery', example } },
    problems: { 'not-found': 'There is no such delivery, or it is about apps that the key does not reach.' },
  },
  'GET /v1/subscribers': {
    id: 'listSubscribers',
    summary: ['List who is told', '列出订阅方'],
    description: [
      'As sweep last read them from unpush/subscribers; neither an address nor a secret is shown. Those all of whose apps the key reaches.',
      '内容为 sweep 最近一次从 unpush/subscribers 读到的订阅方，不含地址与密钥。仅列出所涉应用均在密钥范围内的订阅方。',
    ],
    answers: {
      200: {
        means: ['All of them, by id.', '全部订阅方，按 ID 排列。'],
        holds: 'SubscriberList',
        example: {
          items: [
            {
              id: 'ops-feishu',
              events: ['recall.completed', 'recall.failed'],
              apps: null,
              disabledAt: '2026-11-23T02:10:00.000Z',
              heldUntil: null,
              pending: 0,
              held: 3,
            },
          ],
          nextCursor: null,
        },
      },
    },
    problems: {},
  },
  'POST /v1/deliveries/{id}/replay': {
    id: 'replayDelivery',
    summary: ['Send a delivery again', '重新投递'],
    description: [
      'Sends it again under its own id (webhook-id), from the start of its schedule, whatever became of it. A disabled subscriber that takes it is enabled again, and gets what was held for it.',
      '不论此前结果如何，均以原 ID（webhook-id）重新投递，并从头计算重试。已停用的订阅方若成功接收，即恢复启用，并补发暂存的通知。',
    ],
    body: { schema: reasonBody(), examples: {}, required: false },
    answers: {
      202: { means: ['It is due now.', '已排队，立即投递。'], holds: 'Delivery', example },
    },
    problems: {
      ...bodyProblems,
      'not-found': 'There is no such delivery, or it is about apps that the key does not reach.',
      conflict: 'Its subscriber does not exist any more.',
    },
  },
}
