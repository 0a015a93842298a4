import type { Words } from '../../shared/words.ts'

export const deliveryWords: { readonly [name: string]: Words } = {
  'Delivery.id': [
    'The id of the delivery (dlv_…); receivers see it as webhook-id, the same at every try.',
    '投递的 ID（dlv_…）；接收方在 webhook-id 中看到它，每次尝试都相同。',
  ],
  subscriber: ['The subscriber that it is for.', '订阅方。'],
  'listDeliveries.subscriber': ['Only deliveries to this subscriber.', '仅列出发给该订阅方的通知。'],
  'Delivery.type': ['What happened.', '事件类型。'],
  'Delivery.recall': [
    'The recall that it is about; null: it is about the deployment (audit.lagging).',
    '所涉回撤；与整个部署有关时（audit.lagging）为 null。',
  ],
  'Delivery.state': [
    'pending: to be tried, or tried again; delivered: the receiver answered 2xx; failed: given up; held: its subscriber is disabled.',
    'pending 待投递或待重试；delivered 接收方已返回 2xx；failed 已放弃；held 订阅方已停用，暂存。',
  ],
  'listDeliveries.state': [
    'Only deliveries in one of these states, with commas between.',
    '仅列出处于这些状态之一的通知，以逗号分隔。',
  ],
  'Delivery.createdAt': ['When it happened.', '事件发生的时间。'],
  'Delivery.settledAt': ['When it was delivered or given up; null: neither.', '送达或放弃的时间；均未发生则为 null。'],
  'Delivery.nextAttemptAt': [
    'When it is tried next, at the earliest; null: it is not.',
    '最早的下次尝试时间；不再尝试则为 null。',
  ],
  attempts: ['The last ten tries, the newest first.', '最近十次尝试，最新在前。'],
  startedAt: ['When it was sent.', '发出的时间。'],
  finishedAt: ['When its outcome was known; null: it is not.', '得知结果的时间；未知则为 null。'],
  'DeliveryAttempt.status': ['The HTTP status; null: none came.', 'HTTP 状态码；未收到则为 null。'],
  'DeliveryAttempt.detail': ['What went wrong, where the status does not say.', '状态码之外的失败原因。'],
  'Subscriber.id': [
    'The subscriber, as in unpush/subscribers/<id>.',
    '订阅方，即密钥 unpush/subscribers/<id> 中的名字。',
  ],
  events: ['What it is told of.', '订阅的事件。'],
  'Subscriber.apps': ['Whose recalls it hears of; null: those of all apps.', '所订阅的应用；null 表示全部。'],
  'Subscriber.pending': ['Deliveries that are to be tried, or tried again.', '待投递或待重试的通知数。'],
  'Subscriber.held': ['Deliveries that are kept until it is enabled again.', '停用期间暂存的通知数。'],
}
