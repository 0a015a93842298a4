/** OneSignal as the contract suite sees it. */
import { onesignal, type OneSignalCredentials } from '../../../shared/providers/onesignal/index.ts'
import type { Subject } from '../subject.ts'
import { apiKey, batch, content, created, document, names, recordText, subscriptions } from './app.ts'
import { oneSignalReplies } from './recorded.ts'

export const subject: Subject<OneSignalCredentials> = {
  provider: onesignal,
  document,
  requests: {
    any: { names, named: { by: 'task' }, record: null },
    overlay: { names, named: batch(), record: null },
  },
  content: { ...content, title: 'A title nobody may keep', body: 'A body nobody may keep', url: 'app://page' },
  replies: oneSignalReplies,
  yes: {
    stop: [{ text: '{"success":true}', needs: ['/success'] }],
    overlay: [{ text: created, needs: ['/id'] }],
    status: [{ text: recordText(), needs: ['/id'] }],
    check: [{ status: 404, text: '{"errors":["Notification not found"]}', needs: ['/errors', '/errors/0'] }],
  },
  // it has none of its own: a few of its refusals carry one
  codes: [],
  says: (code, words) => ({ status: 400, text: JSON.stringify({ errors: [{ code, title: words }] }) }),
  // without Retry-After it may have been done
  statuses: { 503: ['unknown'] },
  hidden: [apiKey, ...subscriptions],
  proofsOf: ({ headers }) => [headers['Authorization']?.replace('Key ', '') ?? ''],
  isSigned: async ({ headers }) => headers['authorization'] === `Key ${apiKey}`,
}
