import { taskVendor } from '../documented-vendors.ts'
import type { Operation } from '../operation.ts'

export const meOperations: { readonly [route: string]: Operation } = {
  'GET /v1/me': {
    id: 'getMe',
    summary: ['Who the caller is', '查看当前调用方'],
    description: [
      'For every role: what the key or the access token stands for, what it may do, and which lines of the policy it will meet. rights of an app may be fewer than those above, since an access token may hold a role for some apps alone.',
      '任何角色均可调用：当前密钥或访问令牌代表谁、可做什么、会遇到策略的哪些限额。访问令牌的角色可限于部分应用，因此单个应用的 rights 可能少于总的 rights。',
    ],
    answers: {
      200: {
        means: ['The caller.', '调用方。'],
        holds: 'Me',
        example: {
          id: 'key:ops',
          person: 'li.wei',
          roles: ['operator'],
          rights: ['self', 'send', 'read', 'operate'],
          apps: [
            {
              id: taskVendor.app,
              provider: taskVendor.provider.name,
              platform: 'android',
              rights: ['self', 'send', 'read', 'operate'],
            },
          ],
          allApps: false,
          expiresAt: null,
          policy: {
            approvalAbove: { stop: null, revoke: null, overlay: 10_000 },
            approvalTtlMinutes: 30,
            minExpiryMinutes: 10,
            confirmAbove: 100_000,
            assumeAudience: 1_000_000,
            breakGlass: 'operator',
          },
        },
      },
    },
    problems: {},
  },
  'GET /v1/summary': {
    id: 'getSummary',
    summary: ['What is going on, in numbers', '当前概况'],
    description: [
      'Counts of what the key reaches, from one statement: made to be asked every few seconds. Verdicts that are held belong to no app yet: they are counted for keys of all apps alone, as GET /v1/verdicts shows them.',
      '密钥可及范围内的各项计数，一次查询得出，可每隔数秒读取。暂缓的审核结论尚不属于任何应用，仅对可及全部应用的密钥计数，与 GET /v1/verdicts 一致。',
    ],
    answers: {
      200: {
        means: ['The numbers.', '各项计数。'],
        holds: 'Summary',
        example: {
          asOf: '2026-11-23T02:10:00.000Z',
          waiting: 2,
          waitingForMe: 1,
          running: 1,
          blocked: 0,
          failed24h: 0,
          heldVerdicts: 0,
          disabledSubscribers: 0,
          badCredentials: 0,
          version: '0.1.0',
        },
      },
    },
    problems: {},
  },
}
