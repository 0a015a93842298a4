/** Errors. */
import type { WordTable } from '../../../shared/words.ts'

export const problemWords: WordTable = {
  type: ['https://unpush.dev/problems/<slug>', 'https://unpush.dev/problems/<slug>'],
  'Problem.title': ['The same for every problem of the type.', '同类问题的统一标题。'],
  'Problem.status': ['The HTTP status.', 'HTTP 状态码。'],
  'Problem.detail': ['What to change, in a sentence.', '一句话说明应如何修改。'],
  requestId: [
    'Names this request in the log; where it is left out, the header X-Request-Id tells it.',
    '日志中标识本次请求；未给出时见 X-Request-Id 响应头。',
  ],
  errors: ['One for each wrong member of the input.', '每个有误的输入成员一项。'],
  path: ['JSON pointer: /target/tokens; empty: the whole input.', 'JSON 指针，如 /target/tokens；空串表示整个输入。'],
  'errors.message': ['What it must be.', '应当如何填写。'],
  'Problem.bound': [
    'payload-too-large, too-many-requests: the name of what is reached, as the documentation lists it.',
    'payload-too-large、too-many-requests：达到的是哪一项，名称见文档。',
  ],
  'Problem.limit': ['Its number.', '该项的数值。'],
  'Problem.recall': ['conflict: the recall that is in the way.', 'conflict：占用该推送的回撤。'],
  'Problem.message': ['conflict: the message that the push belongs to already.', 'conflict：该推送已归属的消息。'],
  'links.recall': ['The path of the recall that is in the way.', '占用该推送的回撤的路径。'],
  'Problem.approval': ['conflict: what waits now, with its digest.', 'conflict：当前待复核的内容及其摘要。'],
  'Problem.plan': [
    'conflict: the new plan, where it is no longer the one that expect named.',
    'conflict：方案已不是 expect 所指时的新方案。',
  ],
  'Problem.targets': ['unsupported: what each target cannot do, and why.', 'unsupported：各目标不可行的原因。'],
  'targets.reason': ['Why it cannot be done.', '不可行的原因。'],
  'rejected.reason': ["The vendor's reason, or its code.", '厂商给出的原因或返回码。'],
}
