/** Whether the service is ready. */
import type { WordTable } from '../../../shared/words.ts'

export const healthWords: WordTable = {
  'Alive.status': ['Always ok.', '恒为 ok。'],
  'Health.status': ['ready when every check is ok.', '各项检查均通过时为 ready。'],
  checks: ['What was looked at.', '检查项。'],
  ledger: ['The ledger answers within 2 s.', '账本在 2 秒内应答。'],
  secrets: ['The secret unpush/access can be read.', '可以读取密钥 unpush/access。'],
  audit: [
    'No entry of the audit trail has waited for more than five minutes to be sealed.',
    '没有审计记录等待封存超过五分钟。',
  ],
  keys: [
    'A warning where API keys of another form than unpush_ and 43 characters were used within a week.',
    '一周内使用过格式不是 unpush_ 加 43 个字符的 API 密钥时，给出警告。',
  ],
  policy: [
    'A warning where unpush/policy sets what this version does not enforce, or cannot be read.',
    'unpush/policy 设置了本版本不执行的内容，或无法读取时，给出警告。',
  ],
  signIn: [
    'A warning where oidc in unpush/access lets nobody do anything, or may take ID tokens for access tokens.',
    'unpush/access 的 oidc 设置会让任何人都没有权限，或可能把 ID 令牌当作访问令牌时，给出警告。',
  ],
  endpoints: [
    'A warning where the list unpush/webhooks is missing: an endpoint that is not on it does not exist.',
    '缺少名单 unpush/webhooks 时给出警告：不在名单上的端点不存在。',
  ],
  sweep: ['The timer function sweep ran within the last 180 s.', '定时函数 sweep 在最近 180 秒内运行过。'],
  ok: ['Whether it is well.', '是否正常。'],
  'Health.detail': ['What is wrong; null: nothing.', '异常说明；正常则为 null。'],
  secondsSinceLast: [
    'Seconds since it last ran to its end; null: never, or not known.',
    '距上次运行完成的秒数；从未运行或未知则为 null。',
  ],
}
