/** APNs as the contract suite sees it. */
import { apns, type ApnsCredentials } from '../../../shared/providers/apns/index.ts'
import { apnsReasons } from '../../../shared/providers/apns/reasons.ts'
import type { OutcomeKind } from '../../../shared/providers/provider.ts'
import type { RecordedReply, Subject, Yes } from '../subject.ts'
import { content, document, freshCredentials, readToken, sessionOf, token } from './app.ts'

const id = { 'apns-id': 'eabeae54-14a8-11e5-b60b-1697f925ec7b' }
const both = ['revoke', 'overlay'] as const
const yes: Yes = { text: '', headers: id, needs: [] }

/** https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
function refusal(status: number, reason: string, kind: OutcomeKind, more = ''): RecordedReply {
  const text = `{"reason":"${reason}"${more}}`
  return { name: `${status} ${reason}`, steps: both, status, headers: id, text, kind, code: reason }
}

export const subject: Subject<ApnsCredentials> = {
  provider: apns,
  document,
  requests: { any: { names: { collapseId: 'rc-8f2c' }, named: { by: 'token', token }, record: null } },
  content: { ...content, title: 'A title nobody may keep', body: 'A body nobody may keep', url: 'app://page' },
  protocol: 'http/2',
  session: await sessionOf(freshCredentials(), Date.now()),
  makesLoginItself: true,
  replies: [
    { name: '200', steps: both, headers: id, text: '', kind: 'accepted', code: null },
    refusal(400, 'BadDeviceToken', 'partial'),
    refusal(400, 'DeviceTokenNotForTopic', 'partial'),
    refusal(410, 'Unregistered', 'partial', ',"timestamp":1794990000000'),
    refusal(410, 'ExpiredToken', 'partial', ',"timestamp":1794990000000'),
    refusal(400, 'BadCollapseId', 'refused'),
    refusal(400, 'PayloadEmpty', 'refused'),
    refusal(400, 'TopicDisallowed', 'auth'),
    refusal(400, 'IdleTimeout', 'unknown'),
    refusal(403, 'ExpiredProviderToken', 'auth'),
    refusal(403, 'InvalidProviderToken', 'auth'),
    refusal(403, 'Forbidden', 'auth'),
    refusal(403, 'BadEnvironmentKeyInToken', 'auth'),
    refusal(404, 'BadPath', 'refused'),
    refusal(405, 'MethodNotAllowed', 'refused'),
    refusal(413, 'PayloadTooLarge', 'refused'),
    refusal(429, 'TooManyRequests', 'throttled'),
    refusal(429, 'TooManyProviderTokenUpdates', 'throttled'),
    refusal(500, 'InternalServerError', 'unknown'),
    refusal(503, 'ServiceUnavailable', 'throttled'),
    refusal(503, 'Shutdown', 'throttled'),
  ],
  yes: {
    revoke: [yes],
    overlay: [yes],
    // the key is good, and the token is none, or some device's after all
    check: [{ text: '{"reason":"BadDeviceToken"}', status: 400, headers: id, needs: ['/reason'] }, yes],
  },
  codes: Object.keys(apnsReasons),
  says: (reason, words) => ({ text: JSON.stringify({ reason, words }), status: 400 }),
  hidden: [token],
  proofsOf: ({ headers }) => [headers['authorization']?.replace('bearer ', '') ?? ''],
  isSigned: async ({ headers, path }) => {
    const { claims } = readToken(String(headers['authorization']).replace(/^bearer /, ''))
    const age = Date.now() / 1000 - claims.iat
    return age > 0 && age < 3600 && headers['apns-topic'] === document.topic && path === `/3/device/${token}`
  },
}
