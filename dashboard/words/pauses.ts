import type { Words } from '../../shared/words.ts'

export const pauseWords: { readonly [name: string]: Words } = {
  'Pause.id': ['The id of the pause (pse_…).', '暂停的 ID（pse_…）。'],
  key: [
    'The id of the API key, as in the secret unpush/access; of somebody who signs in, oidc: and the sub of the access token.',
    'API 密钥的 ID，即密钥 unpush/access 中的 id；登录用户则为 oidc: 加访问令牌中的 sub。',
  ],
  'addPause.person': ['The human, as keys name him.', '人员，以密钥中的 person 为准。'],
  'Pause.person': ['The person that is paused.', '被暂停的人员。'],
  pausedByPerson: ['The human behind that key; null: the key names none.', '该密钥背后的人；未注明则为 null。'],
  'addPause.endpoint': ['The id of the moderation endpoint.', '审核端点的 ID。'],
  'Pause.endpoint': ['The id of the moderation endpoint.', '审核端点的 ID。'],
  'addPause.reason': ['Why; whoever runs into the pause reads it.', '原因；受阻的请求方会看到。'],
  'Pause.reason': ['Why it was paused.', '暂停的原因。'],
  pausedBy: ['Who paused it: key:<id>.', '执行暂停者：key:<id>。'],
}
