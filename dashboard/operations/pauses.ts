import { pauseBody } from '../../shared/api-schemas.ts'
import type { Operation } from '../operation.ts'
import { bodyProblems } from '../problems.ts'

const example = {
  id: 'pse_01m8j4ybjajzpnh96dsesm3pc8',
  key: 'ops',
  reason: 'key leaked',
  pausedBy: 'key:admin',
  pausedByPerson: 'chen.jie',
  createdAt: '2026-11-23T02:10:00.000Z',
}

export const pauseOperations: { readonly [route: string]: Operation } = {
  'GET /v1/pauses': {
    id: 'listPauses',
    summary: ['List pauses, newest first', '列出暂停，最新在前'],
    description: [
      'The kill switch: keys, persons, apps and endpoints that admit nothing for now. A key that is limited to apps sees the pauses of those apps.',
      '紧急开关：当前被暂停、不受理任何新请求的密钥、人员、应用与端点。限定应用的密钥只能看到这些应用的暂停。',
    ],
    answers: {
      200: {
        means: ['All of them.', '全部暂停。'],
        holds: 'PauseList',
        example: { items: [example], nextCursor: null },
      },
    },
    problems: {},
  },
  'POST /v1/pauses': {
    id: 'addPause',
    summary: ['Pause a key, a person, an app or an endpoint', '暂停一个密钥、人员、应用或端点'],
    description: [
      'From now on, within seconds, it admits nothing: no recall by a paused key or person, nor any other change; none that touches a paused app; verdicts of a paused endpoint wait. What was admitted before goes on. Whoever runs into it gets 403 with the pause by its id. Keys, persons and endpoints may reach every app: only a key of all apps pauses them.',
      '数秒内生效：被暂停的密钥或人员不能发起回撤或做其他改动；涉及被暂停应用的回撤不再受理；被暂停端点的审核结论等待处理。此前已受理的照常进行。受阻的请求返回 403，并注明暂停的 ID。密钥、人员、端点可能涉及全部应用，因此只有拥有全部应用的密钥才能暂停它们。',
    ],
    body: {
      schema: pauseBody(),
      examples: {
        key: { summary: ['A key that leaked', '已泄露的密钥'], value: { key: 'ops', reason: 'key leaked' } },
        app: { summary: ['Everything of an app', '整个应用'], value: { app: 'news-android', reason: 'drill' } },
      },
    },
    answers: {
      200: {
        means: ['It is paused already, as shown.', '已处于暂停状态，如返回所示。'],
        holds: 'Pause',
        headers: ['Location'],
        example,
      },
      201: { means: ['It is paused now.', '已暂停。'], holds: 'Pause', headers: ['Location'], example },
    },
    problems: {
      ...bodyProblems,
      forbidden: 'The role does not pause, or the key does not reach what is to be paused.',
    },
  },
  'DELETE /v1/pauses/{id}': {
    id: 'liftPause',
    summary: ['Lift a pause', '解除暂停'],
    description: [
      'What waited goes on by itself (verdicts of the last day, messages past their end); what was refused meanwhile is to be asked for again.',
      '解除后，等待中的会自动继续（一天内的审核结论、已到期的消息）；其间被拒绝的请求需重新发起。',
    ],
    answers: { 204: { means: ['It is lifted.', '已解除。'], holds: null } },
    problems: { 'not-found': 'There is no such pause, or it is of an app that the key does not reach.' },
  },
}
