/** What a recall does to phones, channel by channel, as the vendors' documents have it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { goOffline, goOnline, touch } from '../../sandbox/phone.ts'
import { createWorld, titlesOf, type World } from './world.ts'

const stop = '/v3/push/stop_push_msg'
const revoke = '/v3/push/revoke_push_msg'
const androidChannels = ['tpns', 'xiaomi', 'meizu', 'huawei', 'huawei-emui9', 'oppo', 'vivo']
const replacing = ['tpns', 'xiaomi', 'meizu', 'huawei']
const keeping = ['huawei-emui9', 'oppo', 'vivo']

let world: World
beforeEach(() => {
  world = createWorld()
})

function pushed(app: 'news-android' | 'news-ios' = 'news-android') {
  return world.tpns.push({ app, title: 'old', content: 'c', audience: 'all' })
}

function overlaid(collapseId: number, force: boolean, app: 'news-android' | 'news-ios' = 'news-android') {
  const ios = app === 'news-ios'
  return world.callTpns(
    '/v3/push/app',
    {
      audience_type: 'all',
      platform: ios ? 'ios' : 'android',
      ...(ios && { environment: 'product' }),
      message_type: 'notify',
      message: { title: 'new', content: 'c' },
      collapse_id: collapseId,
      force_collapse: force,
    },
    { app },
  )
}

it('has the make-up it promises, the same every time', () => {
  const { fleet } = world
  expect(fleet.ofApp('news-android').length).toBe(300)
  expect(fleet.ofApp('news-ios').length).toBe(60)
  expect(fleet.ofApp('news-harmony').length).toBe(2500)
  const tokens = new Set(fleet.ofApp('news-harmony').map(({ token }) => token))
  expect(tokens.size).toBe(2500)
  expect([...tokens].every(token => token?.length === 112)).toBe(true)
  expect([...tokens].some(token => token?.includes('+'))).toBe(true)
  expect(fleet.phones.filter(({ online, app }) => !online && app === 'news-harmony').length).toBeGreaterThan(200)
  expect(createWorld().fleet.phones).toEqual(fleet.phones)
})

describe('TPNS stop', () => {
  it.each(androidChannels)('on %s: what waits never comes, what is shown stays', channel => {
    const { pushId } = pushed()
    const on = world.phone(channel)
    const off = world.phone(channel, { online: false })
    expect([titlesOf(on), off.pending.length, off.mark]).toEqual([['old'], 1, 'queued'])
    expect(world.callTpns(stop, { pushId }).code).toBe('0')
    expect([titlesOf(on), on.mark]).toEqual([['old'], 'kept'])
    expect(off.mark).toBe('stopped')
    goOnline(off, world.now())
    expect(titlesOf(off)).toEqual([])
    expect(world.tpnsState.tasks[0]?.status).toBe('PUSH_DELETED_PUSH_MSG')
  })
  it.each(androidChannels)('on %s, where phone makers keep what they were handed', channel => {
    world.switches.tpns.makersKeepQueue = true
    const { pushId } = pushed()
    const off = world.phone(channel, { online: false })
    world.callTpns(stop, { pushId })
    goOnline(off, world.now())
    expect(titlesOf(off)).toEqual(channel === 'tpns' ? [] : ['old'])
  })
  it('is refused on iOS', () => {
    const { pushId } = pushed('news-ios')
    expect(world.callTpns(stop, { pushId }, { app: 'news-ios' }).code).toBe('1008007')
    expect(titlesOf(world.phone('apns'))).toEqual(['old'])
  })
  it('ends a push that is still being sent', () => {
    const task = world.tpns.push({ app: 'news-android', title: 'old', content: 'c', audience: 'all', perSecond: 100 })
    world.clock.nowMs += 1000
    world.tpns.tick()
    expect([task.status, task.sentTo]).toEqual(['PUSH_STARTED', 100])
    world.callTpns(stop, { pushId: task.pushId })
    world.clock.nowMs += 10_000
    expect(world.tpns.tick()).toBe(false)
    expect(world.fleet.ofApp('news-android').filter(({ mark }) => mark === 'none').length).toBe(200)
    expect(
      new Set(
        world.fleet
          .ofApp('news-android')
          .filter(({ mark }) => mark === 'kept')
          .map(({ channel }) => channel),
      ).size,
    ).toBe(7)
  })
})

describe('TPNS revoke', () => {
  it.each(androidChannels)('on %s', channel => {
    const { pushId } = pushed()
    const on = world.phone(channel)
    const off = world.phone(channel, { online: false })
    world.callTpns(revoke, { pushId })
    expect([titlesOf(on), on.mark]).toEqual(channel === 'tpns' ? [[], 'removed'] : [['old'], 'kept'])
    goOnline(off, world.now())
    expect(titlesOf(off)).toEqual([])
    expect(world.tpnsState.tasks[0]?.status).toBe('PUSH_REVOKED')
  })
  it('on iPhones only while the app lives', () => {
    const { pushId } = pushed('news-ios')
    const alive = world.phone('apns')
    const dead = world.phone('apns', { alive: false })
    const off = world.phone('apns', { online: false })
    world.callTpns(revoke, { pushId }, { app: 'news-ios' })
    expect([titlesOf(alive), titlesOf(dead), dead.mark]).toEqual([[], ['old'], 'kept'])
    goOnline(off, world.now())
    expect(titlesOf(off)).toEqual([])
  })
  it('reaches a phone that went offline after it had shown it, once it is back', () => {
    const { pushId } = pushed()
    const phone = world.phone('tpns')
    goOffline(phone)
    world.callTpns(revoke, { pushId })
    expect(titlesOf(phone)).toEqual(['old'])
    goOnline(phone, world.now())
    expect([titlesOf(phone), phone.mark]).toEqual([[], 'removed'])
  })
  it('leaves what was opened or swiped away, and the badge, as they are', () => {
    const { pushId } = pushed()
    const phone = world.phone('tpns')
    touch(phone, pushId, 'clicked')
    world.callTpns(revoke, { pushId })
    expect([titlesOf(phone), phone.mark, phone.badge]).toEqual([['old*'], 'clicked', 1])
    expect(world.phone('xiaomi').badge).toBe(1)
  })
  it('touches no phone outside the push', () => {
    const tagged = world.tpns.push({
      app: 'news-android',
      title: 'sports',
      content: 'c',
      audience: 'tag',
      tags: ['sports'],
    })
    const all = pushed()
    world.callTpns(revoke, { pushId: tagged.pushId })
    const shown = world.fleet.ofGroup('tpns').filter(({ online }) => online)
    expect(shown.every(phone => titlesOf(phone).join() === 'old')).toBe(true)
    expect(all.audience.type).toBe('all')
  })
})

describe('TPNS overlay', () => {
  it.each(replacing)('on %s: in the place of the old one', channel => {
    const { collapseId } = pushed()
    const on = world.phone(channel)
    const off = world.phone(channel, { online: false })
    const opened = world.fleet.ofGroup(channel).find(phone => phone.online && phone !== on)
    if (opened) touch(opened, opened.notices[0]?.key ?? '', 'clicked')
    expect(overlaid(collapseId, false).code).toBe('0')
    expect([titlesOf(on), on.mark]).toEqual([['new'], 'replaced'])
    expect(opened && titlesOf(opened)).toEqual(['new', 'old*'])
    goOnline(off, world.now())
    expect(titlesOf(off)).toEqual(['new'])
    expect(world.tpnsState.tasks.map(({ status }) => status)).toEqual(['PUSH_COLLAPSED', 'PUSH_FINISHED'])
  })
  it.each(keeping)('on %s: not at all, or beside the old one', channel => {
    const { collapseId } = pushed()
    const on = world.phone(channel)
    const off = world.phone(channel, { online: false })
    overlaid(collapseId, false)
    expect([titlesOf(on), on.mark, off.pending.length, off.mark]).toEqual([['old'], 'kept', 0, 'stopped'])

    world = createWorld()
    const again = pushed()
    const phone = world.phone(channel)
    const waiting = world.phone(channel, { online: false })
    overlaid(again.collapseId, true)
    expect([titlesOf(phone), phone.mark]).toEqual([['new', 'old'], 'beside'])
    goOnline(waiting, world.now())
    expect(titlesOf(waiting)).toEqual(['new'])
  })
  it('replaces on iPhones, dead app or not', () => {
    const { collapseId } = pushed('news-ios')
    overlaid(collapseId, false, 'news-ios')
    expect([titlesOf(world.phone('apns')), titlesOf(world.phone('apns', { alive: false }))]).toEqual([['new'], ['new']])
  })
  it('chains: the newest under the collapse id is replaced', () => {
    const { collapseId } = pushed()
    overlaid(collapseId, false)
    world.clock.nowMs += 3_700_000
    overlaid(collapseId, false)
    expect(titlesOf(world.phone('xiaomi'))).toEqual(['new'])
    expect(world.tpnsState.tasks.map(({ status }) => status)).toEqual([
      'PUSH_COLLAPSED',
      'PUSH_COLLAPSED',
      'PUSH_FINISHED',
    ])
  })
})

describe('TPNS pushes', () => {
  it('go out at their time, unless cancelled before', () => {
    const sendAtMs = world.now() + 60_000
    const one = world.tpns.push({ app: 'news-android', title: 'one', content: 'c', audience: 'all', sendAtMs })
    const two = world.tpns.push({ app: 'news-android', title: 'two', content: 'c', audience: 'all', sendAtMs })
    expect([one.status, titlesOf(world.phone('tpns'))]).toEqual(['PUSH_WAIT', []])
    expect(world.callTpns(revoke, { pushId: two.pushId }).code).toBe('1008007')
    expect(world.callTpns('/v3/push/cancel_timing_task', { pushId: two.pushId }).code).toBe('0')
    world.clock.nowMs = sendAtMs
    expect(world.tpns.tick()).toBe(true)
    expect([one.status, two.status, titlesOf(world.phone('tpns'))]).toEqual(['PUSH_FINISHED', 'PUSH_CANCELED', ['one']])
    expect(world.callTpns('/v3/push/cancel_timing_task', { pushId: one.pushId }).code).toBe('1008007')
  })
  it('are missed for good by phones that are offline for too long', () => {
    world.tpns.push({ app: 'news-android', title: 'old', content: 'c', audience: 'all', expireSeconds: 800 })
    const off = world.phone('oppo', { online: false })
    world.clock.nowMs += 801_000
    goOnline(off, world.now())
    expect([titlesOf(off), off.mark]).toEqual([[], 'none'])
    world.tpns.push({ app: 'news-android', title: 'now', content: 'c', audience: 'all', expireSeconds: 0 })
    expect(world.phone('oppo', { online: false }).mark).not.toBe('none')
    expect(
      world.phone('vivo', { online: false }).pending.map(item => item.kind === 'show' && item.message.title),
    ).toEqual(['old'])
  })
  it('go to number packages and to nobody else', () => {
    world.tpns.push({ app: 'news-android', title: 'p', content: 'c', audience: 'package_account_push', uploadId: 3 })
    expect(world.fleet.ofApp('news-android').filter(({ mark }) => mark !== 'none').length).toBe(75)
  })
})

describe('Push Kit', () => {
  const notifyId = 1_234_567
  const send = (group: string) => {
    const tokens = world.fleet.ofGroup(group).flatMap(({ token }) => token ?? [])
    world.pushKit.push({ notifyId, tokens, title: 'old', body: 'b' })
    return tokens
  }
  const revokeAll = (tokens: readonly string[]) => {
    for (let at = 0; at < tokens.length; at += 1000) {
      world.callPushKit(world.revokePath, { notifyId, token: tokens.slice(at, at + 1000) })
    }
  }

  it.each([
    ['phone', true, 1],
    ['tablet', true, 1],
    ['pc', true, 1],
    ['watch-5.1.0', true, 0],
    ['watch-5.0.5', false, 0],
    ['tv-5.1.1', true, 0],
    ['tv-5.1.0', false, 0],
  ] as const)('revoke on %s: obeys %s, badge stays %i', (group, obeys, badge) => {
    const tokens = send(group)
    const on = world.phone(group)
    const off = world.phone(group, { online: false })
    const later = world.fleet.ofGroup(group).find(phone => phone.online && phone !== on)
    const opened = world.fleet.ofGroup(group).find(phone => phone.online && phone !== on && phone !== later)
    if (later) goOffline(later)
    if (opened) touch(opened, String(notifyId), 'clicked')
    revokeAll(tokens)
    expect([titlesOf(on), on.mark, on.badge]).toEqual(obeys ? [[], 'removed', badge] : [['old'], 'kept', badge])
    goOnline(off, world.now())
    expect(titlesOf(off)).toEqual(obeys ? [] : ['old'])
    if (later) goOnline(later, world.now())
    expect(later && titlesOf(later)).toEqual(obeys ? [] : ['old'])
    expect(opened && titlesOf(opened)).toEqual(['old*'])
  })
  it('takes back one notifyId and no other, and a message read out aloud is another message', () => {
    const [token = ''] = send('phone')
    const phone = world.phone('phone')
    world.callPushKit(world.revokePath, { notifyId: 7, token: [token] })
    world.callPushKit(world.revokePath, { notifyId, token: [token] }, { headers: { 'push-type': '2' } })
    expect(titlesOf(phone)).toEqual(['old'])
  })
  it('replaces under the same notifyId, also where a recall cannot reach, and shows a token that is listed twice once', () => {
    const tokens = send('watch-5.0.5')
    const on = world.phone('watch-5.0.5')
    const off = world.phone('watch-5.0.5', { online: false })
    const body = {
      payload: {
        notification: { category: 'MARKETING', title: 'new', body: 'b', clickAction: { actionType: 0 }, notifyId },
      },
      target: { token: [...tokens, ...tokens] },
    }
    expect(world.callPushKit(world.sendPath, body).code).toBe('80000000')
    goOnline(off, world.now())
    expect([titlesOf(on), on.mark, titlesOf(off)]).toEqual([['new'], 'replaced', ['new']])
  })
  it('shows a re-sent id again after a recall', () => {
    const tokens = send('tablet')
    revokeAll(tokens)
    send('tablet')
    expect(titlesOf(world.phone('tablet'))).toEqual(['old'])
  })
  it('changes the badge as the message says', () => {
    const { token } = world.phone('phone')
    const body = (badge: object) => ({
      payload: { notification: { category: 'IM', title: 'n', body: 'b', clickAction: { actionType: 0 }, badge } },
      target: { token: [token] },
    })
    world.callPushKit(world.sendPath, body({ addNum: 3 }))
    world.callPushKit(world.sendPath, body({ addNum: 1, setNum: 9 }))
    // no notifyId: each gets an id of its own, so both are there
    expect([world.phone('phone').badge, titlesOf(world.phone('phone')).length]).toEqual([9, 2])
  })
})
