import { emptyBody } from '../../shared/api-schemas.ts'
import { checks } from '../documented-vendors.ts'
import type { Answer, Operation } from '../operation.ts'
import { bodyProblems } from '../problems.ts'

const [asked, askedZh] = checks()
const answer: Answer = { means: ['How each is.', '各项状况。'], holds: 'HealthOfApps' }

export const appHealthOperations: { readonly [route: string]: Operation } = {
  'GET /v1/health': {
    id: 'getHealth',
    summary: ['How apps, timers, subscribers and endpoints are', '应用、定时函数、订阅方与端点的状况'],
    description: [
      'Of what the key reaches, from what is known: no vendor is called. Endpoints are shown to keys of all apps alone, since their documents say whose they are.',
      '仅含密钥可及的部分，且只读取已知情况，不调用厂商。端点只对可及全部应用的密钥列出，因为其归属写在端点自己的文档中。',
    ],
    answers: { 200: answer },
    problems: {},
  },
  'POST /v1/health/check': {
    id: 'checkHealth',
    summary: ['Prove the credential of every app with a harmless call', '以无害的调用检验各应用的凭据'],
    description: [
      `${asked} A credential that turns bad raises the event app.unhealthy once, and again only after it was well. Where the budget is used up the last finding stays.`,
      `${askedZh}凭据由好转坏时产生一次 app.unhealthy 事件，恢复后才会再次产生。额度用尽时保留上次的结果。`,
    ],
    body: { schema: emptyBody(), examples: {}, required: false },
    answers: { 200: answer },
    problems: bodyProblems,
  },
}
