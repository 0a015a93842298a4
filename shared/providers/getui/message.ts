/** Bodies of pushes that take another one back: https://docs.getui.com/getui/scene/recall. */
import { createHash } from 'node:crypto'
import type { Audience, Names, OverlayContent } from '../provider.ts'
import { checkMembers, type MemberFault, pickMembers } from '../wire/overlay-options.ts'
import type { JsonObject } from '../wire/reply.ts'
import { mostBody, mostTitle, mostUrl, ttlMs } from './capabilities.ts'

/** 32 characters, the same for every repeat: Getui drops what comes again. `cid`: of one message of many. */
export function requestIdOf(key: string, cid: string | null): string {
  return cid === null
    ? key.replaceAll('-', '')
    : createHash('sha256').update(`${key} ${cid}`).digest('hex').slice(0, 32)
}

/** `force` is never anything else: with true, a task id that is not found takes every notification of the app away. */
export function revokeBody({ taskId, notifyId }: Names): JsonObject {
  const old = { old_task_id: taskId }
  return {
    settings: { ttl: ttlMs },
    push_message: { revoke: { ...old, force: false } },
    push_channel: {
      android: { ups: { revoke: old } },
      // HarmonyOS finds only what was sent with a notify_id
      ...(notifyId !== undefined && { harmony: { revoke: old } }),
    },
  }
}

export function overlayBody({ notifyId, apnsCollapseId }: Names, content: OverlayContent): JsonObject {
  const { title, body, url, options } = content
  const { ttl = ttlMs, category } = pickMembers(options, known)
  const shown = { title, body, notify_id: notifyId }
  const click = url === null ? { click_type: 'startapp' } : { click_type: 'url', url }
  return {
    settings: { ttl },
    push_message: { notification: { ...shown, ...click } },
    push_channel: {
      android: { ups: { notification: { ...shown, ...click } } },
      harmony: { notification: { ...shown, click_type: 'startapp', ...(category !== undefined && { category }) } },
      // without its collapse id it would stand beside the old one
      ...(apnsCollapseId !== undefined && {
        ios: {
          type: 'notify',
          aps: { alert: { title, body }, sound: 'default' },
          payload: url ?? '',
          'apns-collapse-id': apnsCollapseId,
        },
      }),
    },
  }
}

/** Where a push to it goes. */
export function pathOf(audience: Audience): string {
  if (typeof audience === 'string') return '/push/all'
  if ('tag' in audience) return '/push/tag'
  return 'alias' in audience ? '/push/single/alias' : '/push/fast_custom_tag'
}

/** To everybody or by tag: these share the few of a day. */
export function isBroadcast(audience: Audience): boolean {
  return ['/push/all', '/push/tag'].includes(pathOf(audience))
}

const known = ['ttl', 'category']
const at = '/options/getui'

/** Paths are below `/overlay`. */
export function checkContent({ title, body, url, options }: OverlayContent): MemberFault[] {
  const { ttl, category } = pickMembers(options, known)
  const isTtl = typeof ttl === 'number' && Number.isInteger(ttl) && ttl >= -1 && ttl <= ttlMs
  return [
    ...tooLong('/title', title, mostTitle),
    ...tooLong('/body', body, mostBody),
    ...tooLong('/url', url ?? '', mostUrl),
    ...checkMembers(options, known, at),
    ...(ttl === undefined || isTtl
      ? []
      : [{ path: `${at}/ttl`, message: `must be milliseconds, a whole number from -1 to ${ttlMs}` }]),
    ...(category === undefined || (typeof category === 'string' && /^[A-Z_]{1,64}$/.test(category))
      ? []
      : [{ path: `${at}/category`, message: 'must be a category of HarmonyOS, like NEWS' }]),
  ]
}

function tooLong(path: string, text: string, most: number): MemberFault[] {
  const { length } = Array.from(text)
  return length <= most ? [] : [{ path, message: `has ${length} characters, and Getui takes at most ${most}` }]
}
