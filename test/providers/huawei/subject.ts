/** Push Kit as the contract suite sees it. */
import { huaweiCodes } from '../../../shared/providers/huawei/codes.ts'
import { huawei, type HuaweiCredentials } from '../../../shared/providers/huawei/index.ts'
import type { Subject, Yes } from '../subject.ts'
import { batch, content, document, isJwt } from './app.ts'
import { huaweiReplies } from './recorded.ts'

const yes: Yes = {
  text: '{"code":"80000000","msg":"Success","requestId":"169000000000000000001701"}',
  needs: ['/code'],
}

/** A token that is none. */
const strange: Yes = {
  text: '{"code":"80300028","msg":"Token app mismatch with specify app.","requestId":"1"}',
  needs: ['/code'],
}

export const subject: Subject<HuaweiCredentials> = {
  provider: huawei,
  document,
  requests: { any: { names: { notifyId: 1_234_567 }, named: { by: 'tokens', ...batch }, record: null } },
  content: { ...content, title: 'A title nobody may keep', body: 'A body nobody may keep', url: 'app://page' },
  replies: huaweiReplies,
  yes: { revoke: [yes], overlay: [yes], check: [yes, { ...strange, status: 400 }] },
  codes: Object.keys(huaweiCodes),
  says: (code, words) => ({ text: JSON.stringify({ code, msg: words }) }),
  codeDecides: true,
  hidden: ['pushToken1', 'pushToken2', 'pushToken3'],
  proofsOf: ({ headers }) => [headers['Authorization']?.replace('Bearer ', '') ?? ''],
  isSigned: async ({ headers }) =>
    headers['push-type'] === '0' && isJwt(String(headers['authorization']).replace(/^Bearer /, ''), Date.now()),
}
