/** Replies as Getui's documents and clients print them (ids made up). */
import type { RecordedReply, Step } from '../subject.ts'
import { cid, recordText, reply, sent } from './app.ts'

const all = ['stop', 'revoke', 'overlay', 'status'] as const
const pushes = ['revoke', 'overlay'] as const

function said(
  name: string,
  steps: readonly Step[],
  text: string,
  kind: RecordedReply['kind'],
  status = 200,
): RecordedReply {
  return { name, steps, status, text, kind, code: String(JSON.parse(text).code) }
}

export const getuiReplies: readonly RecordedReply[] = [
  said('stopped', ['stop'], reply(0), 'accepted'),
  said('a bare yes, to what must say more', ['status'], reply(0), 'unknown'),
  said('a bare yes, to a push', pushes, reply(0), 'partial'),
  said('the device is online', pushes, sent, 'accepted'),
  said('the device is offline', pushes, sent.replace('online', 'offline'), 'accepted'),
  said('nobody has seen the device for long', pushes, sent.replace('online', 'ignore'), 'partial'),
  said('another device', pushes, sent.replace(cid, cid.toUpperCase()), 'partial'),
  said('a word that no document has', pushes, sent.replace('online', 'somehow'), 'partial'),
  said('the record', ['status'], recordText(), 'accepted'),
  said('the record in its older form', ['status'], recordText('success', 'status'), 'accepted'),
  said('a record in words that no document has', ['status'], recordText('perhaps'), 'unknown'),
  said('another host', all, reply(301, 'domain', { hostList: [{ domainList: ['https://evil.example'] }] }), 'refused'),
  said('the token is over', all, reply(10001, 'token is invalid'), 'auth', 401),
  said('on a black list', all, reply(10002, 'appid is in blacklist'), 'auth', 401),
  said('no right to details, with 401', all, reply(10004, 'no permission'), 'unsupported', 401),
  said('too many calls, with 401', all, reply(10005, 'too many'), 'throttled', 401),
  said('no such task', ['stop', 'status'], reply(20001, 'taskid is invalid'), 'not_found', 400),
  said('no such task, to a recall', ['revoke'], reply(20001, 'old_task_id is invalid'), 'not_found', 400),
  said('not in the package', pushes, reply(20001, 'permission required by revoke'), 'unsupported', 400),
  said('one device that is none of the app', pushes, reply(20001, 'target user is invalid'), 'partial', 400),
  said('a repeat', pushes, reply(20001, 'request_id cannot be repeat.'), 'already_done', 400),
  said(
    'a body of two kinds',
    pushes,
    reply(20001, 'please choose one of notification and transmission and revoke'),
    'refused',
    400,
  ),
  said('it ran already', ['stop'], reply(22001, 'task executed'), 'too_late'),
  said('no scheduled task', ['stop', 'status'], reply(22002, 'task invalid'), 'not_found'),
  said('the day is used up', all, reply(30010, 'over limit'), 'throttled', 403),
  said('the minute is used up', all, reply(30014, 'over limit'), 'throttled', 403),
  said('a code without a known meaning', all, reply(30028, 'package'), 'refused', 403),
]
