import * as z from 'zod/mini'
import { changeBody, holdsQuery, messageQuery, registerBody, tokenLinesQuery } from '../../shared/api-schemas.ts'
import { tokenList } from '../../shared/members.ts'
import { namesForTokens, namesForTokensInBody } from '../named-members.ts'
import { documentedVendors, registeredTarget, senderKeys, tokenVendor } from '../documented-vendors.ts'
import { heldExample, messageExample, registerExample } from '../examples.ts'
import type { Operation } from '../operation.ts'
import { bodyProblems } from '../problems.ts'

const { app } = tokenLinesQuery().shape
const [tokenMember = ''] = Object.keys(tokenVendor.name)
const noMessage = 'There is no such message, or one of its apps is outside the key’s grant.'

export const messageOperations: { readonly [route: string]: Operation } = {
  'POST /v1/messages': {
    id: 'registerMessage',
    summary: [
      'Register what was sent, so that it can be taken back by one name',
      '登记已发出的消息，之后可按一个名字整体回撤',
    ],
    description: [
      `The same id with the same body answers 200 with the same record; with another body it is a conflict. Tokens may be left out and added later. A key that its sender chose (${senderKeys.join(', ')}) may be used again: the newest message has it, and the target of the one before is superseded. warnings say at once what could not be recalled. What is held is registered all the same: recall names the recall that takes it back. With ask nothing is registered, and the answer says what would take it back.`,
      `同一 ID、同一请求体：返回 200 与同一记录；请求体不同则冲突。token 可先不给、之后追加。发送方自选的标识（${senderKeys.join('、')}）可以重复使用：归最新的消息所有，此前消息中的该目标标记为 superseded。warnings 会立即说明哪些无法回撤。被扣留的消息照常登记，recall 指明由哪次回撤收回；带 ask 时不登记，只回答会不会被回撤。`,
    ],
    body: {
      schema: registerBody(),
      examples: {
        message: { summary: ['One message, two vendors', '一条消息，两家厂商'], value: registerExample },
        everywhere: {
          summary: ['One message, every vendor', '一条消息，所有厂商'],
          value: { ...registerExample, targets: documentedVendors.map(registeredTarget) },
        },
      },
    },
    answers: {
      200: {
        means: [
          'It was registered before, with this very body; or, with ask, what would take it back.',
          '此前已用相同请求体登记；或（带 ask 时）发送后会被哪些回撤收回。',
        ],
        holds: ['Message', 'Held'],
        headers: ['Location'],
        example: heldExample,
      },
      201: {
        means: ['Registered.', '已登记。'],
        holds: 'Message',
        headers: ['Location'],
        example: { ...messageExample, warnings: [] },
      },
    },
    problems: {
      ...bodyProblems,
      forbidden: 'The role does not register messages, or an app is outside the key’s grant.',
      'not-found': 'The id belongs to a message that this key does not reach.',
      conflict: 'The id is registered with another body, or a push belongs to another message.',
      'request-in-progress': 'Many messages are being registered under the same key of their sender at this moment.',
    },
  },
  'GET /v1/messages': {
    id: 'listMessages',
    summary: ['List messages, newest first', '列出消息，最新在前'],
    description: ['Only messages all of whose apps the key reaches.', '仅列出所涉应用均在密钥范围内的消息。'],
    query: messageQuery(),
    answers: {
      200: {
        means: ['A page of messages.', '一页消息。'],
        holds: 'MessageList',
        example: { items: [messageExample], nextCursor: null },
      },
    },
    problems: { 'invalid-request': 'A parameter is not valid, not known, or given twice.' },
  },
  'GET /v1/messages/{id}': {
    id: 'getMessage',
    summary: ['Read one message', '查看一条消息'],
    description: [
      'Never shows a push token; devices is the exact count once repeats are removed.',
      '绝不展示 push token；去重完成后 devices 为准确数量。',
    ],
    answers: { 200: { means: ['The message.', '该消息。'], holds: 'Message', example: messageExample } },
    problems: { 'not-found': noMessage },
  },
  'GET /v1/messages/{id}/plan': {
    id: 'planMessage',
    summary: ['What each operation would do', '查看各操作的方案'],
    description: [
      'What three dry runs would answer, for whoever may read the message; no vendor is called. approval is measured as if the reader asked. An overlay without its text has no digest; needs says which members it has to have.',
      '相当于三种操作各做一次 dryRun，凡可查看该消息者均可使用，不调用任何厂商。approval 按查看者本人发起来衡量。覆盖尚无文案，因此没有 digest；needs 列出所需的成员。',
    ],
    answers: { 200: { means: ['Three plans.', '三种方案。'], holds: 'MessagePlan' } },
    problems: { 'not-found': noMessage },
  },
  'PATCH /v1/messages/{id}': {
    id: 'changeMessage',
    summary: ['Add targets and contents, move or clear the expiry', '增加目标和内容 ID，修改或清除过期时间'],
    description: [
      'A recalled message stays recalled: targets added later join its recall, and recall names it, so that a sender in mid-flight can stop.',
      '已回撤的消息保持回撤：之后新增的目标自动并入其回撤，返回中的 recall 会指明，发送方应停止发送。',
    ],
    body: {
      schema: changeBody(),
      examples: {
        expiry: {
          summary: ['Never expires; one more content', '不再过期；增加一个内容'],
          value: { expiresAt: null, contents: ['article:43'] },
        },
      },
    },
    answers: { 200: { means: ['The message as it is now.', '修改后的消息。'], holds: 'Message' } },
    problems: {
      ...bodyProblems,
      forbidden: 'The role does not change messages, or an app is outside the key’s grant.',
      'not-found': noMessage,
      conflict: 'A push belongs to another message, or the message itself has or had a target of the same name.',
      'request-in-progress': 'Many messages are being registered under the same key of their sender at this moment.',
    },
  },
  'POST /v1/messages/{id}/tokens': {
    id: 'addTokens',
    summary: ['Add push tokens to a message', '为消息追加 push token'],
    description: [
      'As JSON, or as application/x-ndjson: one JSON string a line, app and the push’s name in the query. Repeats are removed before anything is sent. Tokens of a recalled message join its recall.',
      '可用 JSON，或 application/x-ndjson：每行一个 JSON 字符串，app 与推送标识放在查询参数。发送前自动去重；已回撤的消息，新 token 自动并入其回撤。',
    ],
    body: {
      schema: z.strictObject({ app, tokens: tokenList(1), ...namesForTokensInBody }),
      examples: {
        json: {
          summary: [
            `${tokenMember} only where the app has several targets`,
            `仅当该应用有多个目标时需要 ${tokenMember}`,
          ],
          value: { app: tokenVendor.app, ...tokenVendor.name, tokens: ['pushToken4'] },
        },
      },
    },
    lines: z.strictObject({ app: z.optional(app), ...namesForTokens }),
    answers: { 200: { means: ['Taken.', '已收下。'], holds: 'Received', example: { received: 1 } } },
    problems: {
      ...bodyProblems,
      'too-many-requests':
        'A limit of the key is reached, or so many push tokens wait already that these would be over a bound; bound names it.',
      'unsupported-media-type': 'The body is neither application/json nor application/x-ndjson.',
      forbidden: 'The role does not change messages, or the app is outside the key’s grant.',
      'not-found': 'There is no such message, or it has no target that takes tokens under this app and name.',
    },
  },
  'GET /v1/holds': {
    id: 'getHolds',
    summary: ['Ask before you send: would this be taken back?', '发送前先问：发出去会不会被回撤？'],
    description: [
      'By the id of a content or of a message: whether recalls or verdicts stand that would take back what the caller registers under it. Nothing is said of recalls that reach none of the caller’s apps.',
      '按内容 ID 或消息 ID 查询：是否有回撤或审核结论会收回调用方之后在其名下登记的消息。不涉及调用方应用的回撤，一概不提。',
    ],
    query: holdsQuery(),
    answers: {
      200: {
        means: [
          'What stands in the way; held is false where nothing does.',
          '有哪些会将其收回；held 为 false 表示没有。',
        ],
        holds: 'Held',
        example: heldExample,
      },
    },
    problems: { 'invalid-request': 'Not exactly one of content and message is given, or it is not valid.' },
  },
}
