/** FCM as the contract suite sees it. */
import { fcm, type FcmCredentials } from '../../../shared/providers/fcm/index.ts'
import { fcmCodes } from '../../../shared/providers/fcm/replies.ts'
import type { Subject, Yes } from '../subject.ts'
import { content, document, sentYes, session } from './app.ts'
import { fcmReplies } from './recorded.ts'

const token = 'dGhpcy1pcy1hLXRva2Vu:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ'
const yes: Yes = { text: sentYes, needs: ['/name'] }
const steps = ['stop', 'revoke', 'overlay'] as const

export const subject: Subject<FcmCredentials> = {
  provider: fcm,
  document,
  requests: {
    any: { names: { tag: 'rc-8f2c', collapseKey: 'rc-8f2c' }, named: { by: 'token', token }, record: null },
  },
  content: { ...content, title: 'A title nobody may keep', body: 'A body nobody may keep', url: 'app://page' },
  session,
  replies: fcmReplies.map(({ name, status, headers = {}, text, kind, code }) => ({
    name,
    steps,
    status,
    headers,
    text,
    kind,
    code,
  })),
  yes: {
    stop: [yes],
    revoke: [yes],
    overlay: [yes],
    check: [{ text: '{"name":"projects/demo-project/messages/fake_message_id"}', needs: ['/name'] }],
    // any other text would be an access token, too
    login: [
      {
        text: '{"access_token":"ya29.c.made","expires_in":3599,"token_type":"Bearer"}',
        needs: ['/expires_in', '/token_type'],
      },
    ],
  },
  codes: Object.keys(fcmCodes),
  says: (errorCode, words) => ({
    status: 400,
    text: JSON.stringify({
      error: {
        code: 400,
        message: words,
        status: 'FAILED_PRECONDITION',
        details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
      },
    }),
  }),
  hidden: [token],
  proofsOf: ({ headers }) => [headers['Authorization']?.replace('Bearer ', '') ?? ''],
  isSigned: async ({ headers }) => headers['authorization'] === `Bearer ${session.value}`,
}
