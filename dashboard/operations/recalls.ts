import { decisionBody, reasonBody, recallBodies, recallQuery } from '../../shared/api-schemas.ts'
import { bodyProblems } from '../problems.ts'
import { documentedVendors, notesOn, tokenVendor } from '../documented-vendors.ts'
import { dryRunExample, recallExample } from '../examples.ts'
import type { Answer, Operation } from '../operation.ts'
import {
  allButOne,
  byContent,
  byMessage,
  byVendor,
  decisionExample,
  optionsOf,
  plan,
  why,
  whyExample,
} from '../recall-examples.ts'

const doneBefore: Answer = {
  means: [
    'The plan of a dry run; or the recall that does this very thing already, or did within ten minutes where the vendor made the id of every target (deduplicated: true).',
    'dryRun 的方案；或正在做同一件事的已有回撤，所有目标的 ID 均由厂商生成时也包括十分钟内完成的（deduplicated: true）。',
  ],
  holds: ['Recall', 'DryRun'],
  headers: ['Location', 'Idempotent-Replayed'],
  example: dryRunExample,
}
const admitted: Answer = {
  means: ['The recall, as far as it has come when the answer is sent.', '回撤在返回时的进展。'],
  holds: 'Recall',
  headers: ['Location', 'Idempotent-Replayed'],
  example: recallExample,
}

const recallProblems = {
  ...bodyProblems,
  'too-many-requests':
    'The person, or the owner of the key, is over limits.requestsPerMinute, limits.recallsPerHour or limits.devicesPerHour of unpush/policy. The Idempotency-Key is not used up.',
  forbidden: 'The role does not start recalls, or a push in question belongs to an app outside the key’s grant.',
  'not-found': 'There is no such app or message, or no message that carries the content.',
  conflict:
    'Another operation is running for the same push (recall and links name it), or the plan is no longer the one that expect names (plan is the new one).',
  'request-in-progress': 'Another request for the same push, or with the same key, is being admitted.',
  unsupported: 'No target can do anything of what was asked.',
  'idempotency-key-reused': 'The Idempotency-Key came with another body before.',
} as const

const { accepted } = tokenVendor.documents.replies ?? {}
const decisionProblems = {
  ...bodyProblems,
  forbidden:
    'The role does not decide, the key names no person, or it is the person who asked for the recall, whatever key they hold.',
  'not-found': 'There is no such recall, or one of its apps is outside the key’s grant.',
  conflict: 'Nothing waits any more, or what waits is no longer what was shown; approval is what waits now.',
} as const

export const recallOperations: { readonly [route: string]: Operation } = {
  'POST /v1/stop': {
    id: 'stop',
    summary: ['Stop delivery of what has not reached a device yet', '终止：停止下发尚未到达设备的推送'],
    description: [
      `A push that still waits for its time is cancelled instead. What devices show already stays. ${notesOn('stop')[0]}`,
      `尚未到点的定时推送改为取消；设备上已展示的通知不变。${notesOn('stop')[1]}`,
    ],
    body: {
      schema: recallBodies.stop(),
      examples: {
        message: byMessage,
        content: byContent,
        ...byVendor('stop'),
        plan,
      },
    },
    answers: { 200: doneBefore, 202: admitted },
    problems: recallProblems,
  },
  'POST /v1/revoke': {
    id: 'revoke',
    summary: [
      'Revoke: stop, and make shown-but-untouched notifications disappear',
      '撤回：停止下发，并让已展示但未被点击的通知消失',
    ],
    description: [
      `Give exactly one of message, content and target. The request works on its recall for up to 2 s (Prefer: wait=N for longer) and answers; what is left goes on by itself, and links.self tells how it stands. Accepted by the vendor is not gone from the screen: no vendor confirms that. ${notesOn('revoke')[0]}`,
      `message、content、target 三者恰给其一。请求最多处理 2 秒即返回（可用 Prefer: wait=N 延长），余下的自动继续，进度见 links.self。“厂商已受理”不等于“已从屏幕消失”：没有厂商会确认后者。${notesOn('revoke')[1]}`,
    ],
    body: {
      schema: recallBodies.revoke(),
      examples: { message: byMessage, content: byContent, ...byVendor('revoke'), except: allButOne, plan },
    },
    answers: { 200: doneBefore, 202: admitted },
    problems: recallProblems,
  },
  'POST /v1/overlay': {
    id: 'overlay',
    summary: [
      'Overlay: stop, and replace the shown notification by a new one',
      '覆盖：停止下发，并用新通知替换已展示的通知',
    ],
    description: [
      `Never wider than the original. ${notesOn('overlay')[0]}`,
      `覆盖的范围绝不大于原推送。${notesOn('overlay')[1]}`,
    ],
    body: {
      schema: recallBodies.overlay(),
      examples: {
        message: {
          summary: ['Correct a registered message', '更正已登记的消息'],
          value: {
            message: 'promo-2026-11-23',
            overlay: {
              title: '更正：活动时间有误',
              body: '今天天气不错哦',
              url: 'https://news.example.com/42',
              forceCollapse: false,
              options: optionsOf(documentedVendors),
            },
            ...why,
          },
        },
      },
    },
    answers: { 200: doneBefore, 202: { ...admitted, example: undefined } },
    problems: recallProblems,
  },
  'POST /v1/corrections': {
    id: 'correct',
    summary: [
      'Correct: revoke what can be removed, overlay what can only be replaced',
      '更正：能撤回的撤回，只能覆盖的覆盖',
    ],
    description: [
      'For each target the one of the two that clears the old text from more of the ways to its phones, as the vendor’s documents stand today: revoke where they tell no difference. One plan, one approval, one recall; requested names what was chosen for each target, and effects what that does on each channel. No target gets both. fallback goes on as elsewhere (overlay falls to revoke here), and false keeps to what was chosen.',
      '对每个目标，按厂商文档当前的说明，在撤回与覆盖中取能在更多通道上清除旧内容的一种；不分高下时取撤回。方案、复核与回撤均为一次：requested 给出各目标所选的操作，effects 给出其在各通道的效果。任何目标都不会两者都做。fallback 与其他操作相同（此处覆盖可退为撤回）；为 false 时只做所选的操作。',
    ],
    body: {
      schema: recallBodies.correct(),
      examples: {
        message: {
          summary: ['Correct a message that went out through several vendors', '更正经多家厂商发出的消息'],
          value: {
            message: 'promo-2026-11-23',
            overlay: {
              title: '更正：活动时间有误',
              body: '今天天气不错哦',
              options: optionsOf([tokenVendor]),
            },
            ...why,
          },
        },
      },
    },
    answers: { 200: doneBefore, 202: { ...admitted, example: undefined } },
    problems: recallProblems,
  },
  'GET /v1/recalls': {
    id: 'listRecalls',
    summary: ['List recalls, newest first', '列出回撤，最新在前'],
    description: ['Only recalls all of whose apps the key reaches.', '仅列出所涉应用均在密钥范围内的回撤。'],
    query: recallQuery(),
    answers: { 200: { means: ['A page of recalls.', '一页回撤。'], holds: 'RecallList' } },
    problems: { 'invalid-request': 'A parameter is not valid, not known, or given twice.' },
  },
  'GET /v1/recalls/{id}': {
    id: 'getRecall',
    summary: ['Read one recall, with its counts now', '查看一次回撤及其当前计数'],
    description: [
      'The counts add up: total = accepted + rejected + unknown + pending.',
      '计数恒等：total = accepted + rejected + unknown + pending。',
    ],
    answers: { 200: { means: ['The recall.', '该回撤。'], holds: 'Recall', example: recallExample } },
    problems: { 'not-found': 'There is no such recall, or one of its apps is outside the key’s grant.' },
  },
  'GET /v1/recalls/{id}/events': {
    id: 'listRecallEvents',
    summary: [
      'The record of a recall: who, what, when, and what each vendor answered',
      '回撤的完整记录：何人、何时、做了什么，以及各厂商的回应',
    ],
    description: [
      'In the order of time: asked, decided, begun, answers, blocked, settled, cancelled, retried, superseded, grew; any other kind is the last word of its action in the audit trail. Every vendor request is in exactly one item of kind answers, with equal ones of one push that follow each other rolled up; of recalls with more than a thousand of those, by push and code, then by app and code. The answer, saved, is the evidence.',
      '按时间顺序列出：asked、decided、begun、answers、blocked、settled、cancelled、retried、superseded、grew；其余 kind 取审计动作的最后一段。每次厂商请求恰好计入一个 answers 项，同一推送连续且相同的回应合并计数；超过一千项时改按推送与返回码、再按应用与返回码合并。保存该返回即为证据文件。',
    ],
    answers: {
      200: {
        means: ['All of it.', '全部记录。'],
        holds: 'RecallEvents',
        example: {
          items: [
            {
              at: '2026-11-23T02:10:00.101000Z',
              kind: 'asked',
              actor: 'key:ops',
              person: 'li.wei',
              operation: 'revoke',
              reason: 'wrong link',
              ticket: 'INC-7',
              audit: { seq: 1, hash: '3f9a1c0d5b7e2a4860c1d3e5f70819a2b4c6d8eafc0e1f20314253647586970a' },
            },
            { at: '2026-11-23T02:10:00.120000Z', kind: 'begun' },
            {
              at: '2026-11-23T02:10:00.120000Z',
              kind: 'answers',
              until: '2026-11-23T02:10:00.301000Z',
              app: tokenVendor.app,
              ...tokenVendor.name,
              call: 'revoke',
              outcome: 'accepted',
              code: accepted?.code ?? null,
              message: accepted?.message ?? null,
              calls: accepted?.requestIds.length ?? 1,
              requestIds: accepted?.requestIds ?? [],
            },
          ],
        },
      },
    },
    problems: { 'not-found': 'There is no such recall, or one of its apps is outside the key’s grant.' },
  },
  'POST /v1/recalls/{id}/approve': {
    id: 'approveRecall',
    summary: ['Agree to a recall that waits for another person', '复核通过'],
    description: [
      'By another person than who asked, whatever key either holds. Works on the recall for up to 2 s and answers. The same decision again is 200. A recall that a key without a person asked for needs two.',
      '须由发起人以外的人进行，与持有哪个密钥无关。通过后最多处理 2 秒即返回。重复同一决定返回 200。由未注明人员的密钥发起的回撤需要两人同意。',
    ],
    body: { schema: decisionBody(), examples: { seen: decisionExample }, required: false },
    answers: { 200: { means: ['The recall as it is now.', '该回撤的现状。'], holds: 'Recall', headers: ['Location'] } },
    problems: decisionProblems,
  },
  'POST /v1/recalls/{id}/decline': {
    id: 'declineRecall',
    summary: ['Refuse a recall that waits for another person', '驳回'],
    description: [
      'It ends as declined, and no vendor is called. Where only what came later waits, that ends and the rest goes on.',
      '该回撤以 declined 结束，不会调用任何厂商。若只是后来加入的部分待复核，则仅该部分结束，其余继续。',
    ],
    body: { schema: decisionBody(), examples: { seen: decisionExample }, required: false },
    answers: { 200: { means: ['The recall as it is now.', '该回撤的现状。'], holds: 'Recall', headers: ['Location'] } },
    problems: decisionProblems,
  },
  'POST /v1/recalls/{id}/review': {
    id: 'reviewRecall',
    summary: ['Look at a break-glass recall afterwards', '事后复查紧急放行的回撤'],
    description: [
      'By another person than who asked. Of anything else, or twice: 409.',
      '须由发起人以外的人进行；对其他回撤或已复查的返回 409。',
    ],
    body: { schema: decisionBody(), examples: { seen: decisionExample }, required: false },
    answers: { 200: { means: ['The recall as it is now.', '该回撤的现状。'], holds: 'Recall', headers: ['Location'] } },
    problems: decisionProblems,
  },
  'POST /v1/recalls/{id}/cancel': {
    id: 'cancelRecall',
    summary: ['Cancel what no vendor was asked yet', '取消尚未提交给厂商的部分'],
    description: [
      'What a vendor accepted stays done; a vendor request that is out keeps its own outcome. May say why.',
      '厂商已受理的部分不会恢复；已发出的厂商请求以其结果为准。可附原因。',
    ],
    body: { schema: reasonBody(), examples: { why: whyExample }, required: false },
    answers: { 200: { means: ['The recall, cancelled.', '已取消的回撤。'], holds: 'Recall', headers: ['Location'] } },
    problems: {
      ...bodyProblems,
      'not-found': 'There is no such recall, or one of its apps is outside the key’s grant.',
      conflict: 'The recall is settled already: nothing is left to cancel.',
    },
  },
  'POST /v1/recalls/{id}/retry': {
    id: 'retryRecall',
    summary: ["Try again what ended without the vendor's yes", '重试未获厂商受理的部分'],
    description: ['Only what was not accepted is asked for again. May say why.', '只重试未被受理的部分。可附原因。'],
    body: { schema: reasonBody(), examples: { why: whyExample }, required: false },
    answers: { 202: { means: ['The recall, tried again.', '重试中的回撤。'], holds: 'Recall', headers: ['Location'] } },
    problems: {
      ...bodyProblems,
      'not-found': 'There is no such recall, or one of its apps is outside the key’s grant.',
      conflict: 'The recall is running, another one is on its way for the same push, or nothing can be tried again.',
    },
  },
}
