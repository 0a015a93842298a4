/** Getui as the contract suite sees it. */
import { getui, type GetuiCredentials } from '../../../shared/providers/getui/index.ts'
import { getuiCodes } from '../../../shared/providers/getui/replies.ts'
import type { Subject, Yes } from '../subject.ts'
import {
  appKey,
  batch,
  cid,
  content,
  document,
  masterSecret,
  names,
  recordText,
  reply,
  sent,
  session,
  taskId,
} from './app.ts'
import { getuiReplies } from './recorded.ts'

const device = '/data/RASS_1118_aa'
const toDevice: Yes = { text: sent, needs: ['/code', device, `${device}/${cid}`] }
const token = 'e5'.repeat(32)

export const subject: Subject<GetuiCredentials> = {
  provider: getui,
  document,
  requests: {
    any: { names, named: { by: 'task' }, record: null },
    revoke: { names, named: batch(), record: null },
    overlay: { names, named: batch(), record: null },
  },
  content: { ...content, title: 'A title nobody may keep', body: 'A body nobody may keep', url: 'app://page' },
  session,
  replies: getuiReplies,
  yes: {
    stop: [{ text: reply(0), needs: ['/code'] }],
    revoke: [toDevice],
    overlay: [toDevice],
    status: [{ text: recordText(), needs: ['/code', `/data/${taskId}`, `/data/${taskId}/send_result`] }],
    check: [
      { text: reply(22002, 'task invalid'), needs: ['/code'] },
      { text: reply(20001, 'parameter error'), status: 400, needs: ['/code'] },
    ],
    // any other text would be a token, too
    login: [
      {
        text: reply(0, 'success', { expire_time: '1795086400000', token }),
        needs: ['/code', '/data/expire_time'],
      },
    ],
  },
  codes: Object.keys(getuiCodes),
  says: (code, words) => ({ status: 200, text: JSON.stringify({ code, msg: words }) }),
  codeDecides: true,
  hidden: [appKey, masterSecret, cid],
  proofsOf: ({ headers }) => [headers['token'] ?? ''],
  isSigned: async ({ headers }) => headers['token'] === session.value,
}
