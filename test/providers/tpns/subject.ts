/** TPNS as the contract suite sees it. */
import { createHmac } from 'node:crypto'
import { tpns, type TpnsCredentials } from '../../../shared/providers/tpns/index.ts'
import { tpnsCodes } from '../../../shared/providers/tpns/replies.ts'
import type { Subject, Yes } from '../subject.ts'
import { document, example, record, secretKey, targetOf } from './app.ts'
import { singleTask, tpnsReplies } from './recorded.ts'

const control: Yes = { text: '{"retCode":0,"errMsg":"NO_ERROR"}', needs: ['/retCode'] }
const push: Yes = {
  text: '{"result":"{}","environment":"","push_id":"1328245138690125824","err_msg":"NO_ERROR","err_msg_zh":"","ret_code":0,"seq":0}',
  needs: ['/ret_code'],
}
/** Of a push that is not there: who asks is known. */
const credential: Yes = { text: '{"retCode":1008015,"errMsg":"push id not exist"}', needs: ['/retCode'] }
// a record without an id is that of the one push that was asked for
const task: Yes = { text: singleTask, needs: ['/retCode', '/pushRecordData', '/pushRecordData/0'] }
const listed: Yes = { text: singleTask, needs: [...task.needs, '/pushRecordData/0/pushId'] }

export const subject: Subject<TpnsCredentials> = {
  provider: tpns,
  document,
  requests: { any: targetOf('133703', record) },
  content: {
    ...example,
    title: 'A title nobody may keep',
    body: 'A body nobody may keep',
    url: 'https://example.com/x',
  },
  replies: tpnsReplies,
  yes: {
    stop: [control, push],
    revoke: [control, push],
    overlay: [push, control],
    status: [task],
    check: [credential, { text: '{"retCode":1008007,"errMsg":"invalid parameter"}', needs: ['/retCode'] }],
    list: [listed],
  },
  codes: Object.keys(tpnsCodes),
  says: (code, words) => ({ text: JSON.stringify({ ret_code: code, err_msg: words }) }),
  hidden: [secretKey],
  proofsOf: ({ headers }) => [headers['Sign'] ?? ''],
  isSigned: async ({ headers, body }) => {
    const toSign = `${String(headers['timestamp'])}${String(headers['accessid'])}${body}`
    const hex = createHmac('sha256', secretKey).update(toSign).digest('hex')
    const fresh = Math.abs(Number(headers['timestamp']) * 1000 - Date.now()) < 5000
    return fresh && headers['sign'] === Buffer.from(hex, 'ascii').toString('base64')
  },
}
