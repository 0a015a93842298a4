/** Replies as OneSignal's documents and its clients' issues print them (ids made up). */
import type { RecordedReply, Step } from '../subject.ts'
import { created, recordText, subscriptions } from './app.ts'

const all = ['stop', 'overlay', 'status'] as const
const errors = (...texts: readonly unknown[]): string => JSON.stringify({ errors: texts })
const denied = "Access denied. Please include an 'Authorization: ...' header with a valid API key."

function reply(
  name: string,
  steps: readonly Step[],
  status: number,
  text: string,
  kind: RecordedReply['kind'],
  more: { readonly headers?: { readonly [name: string]: string }; readonly code?: string } = {},
): RecordedReply {
  return { name, steps, status, text, kind, code: more.code ?? null, ...(more.headers && { headers: more.headers }) }
}

const sent = 'Notification has already been sent to all recipients'
const sentAsObject = JSON.stringify({
  success: false,
  errors: [{ code: 'already_sent', title: sent }],
  reference: ['x'],
})

export const oneSignalReplies: readonly RecordedReply[] = [
  reply('cancelled', ['stop'], 200, '{"success":true}', 'accepted'),
  reply('cancelled, answered to another question', ['overlay', 'status'], 200, '{"success":true}', 'unknown'),
  reply('not cancelled, and no why', ['stop'], 200, '{"success":false}', 'unknown'),
  reply('cancelled, with errors', ['stop'], 200, '{"success":true,"errors":["x"]}', 'unknown'),
  reply('gone out whole', ['stop'], 400, errors(sent), 'too_late'),
  reply('gone out whole, with 200', ['stop'], 200, `{"success":false,"errors":["${sent}"]}`, 'too_late'),
  reply('gone out whole, as an object', ['stop'], 400, sentAsObject, 'too_late', { code: 'already_sent' }),
  reply('gone out, in words of both kinds', ['stop'], 400, errors('Cannot be canceled: already sent'), 'too_late'),
  reply('cancelled before', ['stop'], 400, errors('Notification has already been canceled'), 'already_done'),
  reply('no such message', ['stop', 'status'], 404, errors('Notification not found'), 'not_found'),
  reply('no such message, with 400', ['stop', 'status'], 400, errors('Notification not found'), 'not_found'),
  reply('not found, to a message that is made', ['overlay'], 404, errors('Notification not found'), 'refused'),
  reply('no such app', all, 404, errors('App not found'), 'refused'),
  reply('no app id', all, 400, errors('Request is malformed: Failed to parse app_id from request'), 'refused'),
  reply('no key', all, 401, errors(denied), 'auth'),
  reply('no key, with 400', all, 400, errors(denied), 'auth'),
  reply('a wrong key, with 400', all, 400, errors('Please provide a valid API key'), 'auth'),
  reply('a key that was rotated', all, 403, errors(denied), 'auth'),
  reply('not allowed by the list', all, 403, errors('Your IP is not on the allow list of this app'), 'refused'),
  reply('not in the plan', all, 403, errors('Please upgrade your plan'), 'refused'),
  reply('403 without a word', all, 403, '', 'auth'),
  reply('too fast', all, 429, errors('API rate limit exceeded'), 'throttled', { headers: { 'retry-after': '1' } }),
  reply('the app is disabled', all, 429, errors('This app is disabled: too many messages'), 'throttled'),
  reply('503 with an empty body', all, 503, '', 'unknown'),
  reply('503 that says when', all, 503, '', 'throttled', { headers: { 'retry-after': '30' } }),
  reply('500 in HTML', all, 500, '<html>Internal Server Error</html>', 'unknown'),
  reply('the record', ['status'], 200, recordText(), 'accepted'),
  reply('the record, to another question', ['stop'], 200, recordText(), 'unknown'),
  reply('made', ['overlay'], 200, created, 'accepted'),
  reply('made, answered to another question', ['stop'], 200, created, 'unknown'),
  reply(
    'nobody subscribed',
    ['overlay'],
    200,
    '{"id":"","errors":["All included players are not subscribed"]}',
    'partial',
  ),
  reply('no id, and no why', ['overlay'], 200, '{"id":"","errors":["Something else"]}', 'unknown'),
  reply(
    'some are not valid',
    ['overlay'],
    200,
    JSON.stringify({ ...JSON.parse(created), errors: { invalid_player_ids: [subscriptions[1]] } }),
    'partial',
  ),
  reply('no English', ['overlay'], 400, errors('Message Notifications must have English language content'), 'refused'),
]
