/** What each kind of subscriber gets, and what its replies mean. */
import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { originOfHost } from '../../shared/base-path.ts'
import { cardOf } from '../../shared/webhooks/card.ts'
import { type EventData, eventTypes } from '../../shared/webhooks/events.ts'
import { messageFor, refusalOf, type Told } from '../../shared/webhooks/formats.ts'
import { judge } from '../../shared/webhooks/try-delivery.ts'
import type { Format, Subscriber } from '../../shared/webhooks/subscribers.ts'
import { makeSecret, verify } from './receiver.ts'

const data: EventData = {
  id: 'rcl_1',
  operation: 'revoke',
  state: 'partial',
  reason: '链接错误',
  ticket: 'INC-7',
  requestedBy: 'key:ops',
  person: 'li.wei',
  subject: { message: 'promo-1' },
  apps: ['news-android', 'news-harmony'],
  createdAt: '2026-11-23T02:10:00.000Z',
  settledAt: '2026-11-23T16:30:05.000Z',
  devices: { total: 10, accepted: 7, rejected: 2, unknown: 1, pending: 0 },
  approval: null,
  links: { self: '/v1/recalls/rcl_1' },
}
const told = (more: Partial<Told> = {}): Told => ({
  id: 'dlv_1',
  type: 'recall.partially_failed',
  data,
  createdAt: new Date('2026-11-23T16:30:05.120Z'),
  tries: 1,
  ...more,
})
const events = ['recall.completed'] as const
const robot = (format: 'feishu' | 'dingtalk', secret: string[]): Subscriber => ({
  format,
  url: 'https://robot.example.com/send?access_token=abc',
  events: [...events],
  secret,
})
const wecom: Subscriber = { format: 'wecom', url: 'https://robot.example.com/send?key=abc', events: [...events] }
const nowMs = 1_795_404_605_789
const secret = randomBytes(16).toString('hex')

describe('standard', () => {
  it('is verified by the published library with either secret of a rotation', () => {
    const secrets = [makeSecret(), makeSecret()]
    const standard: Subscriber = {
      format: 'standard',
      url: 'https://a.example.com/',
      events: [...events],
      secret: secrets,
    }
    const sent = messageFor(standard, told(), Date.now())
    for (const each of secrets) {
      expect(verify(each, sent)).toEqual({
        type: 'recall.partially_failed',
        timestamp: '2026-11-23T16:30:05.120Z',
        data,
      })
    }
    expect(() => verify(makeSecret(), sent)).toThrow('No matching signature')
    expect(Buffer.byteLength(sent.body)).toBeLessThan(20_000)
  })

  it('keeps its id and its bytes at every try, and renews its timestamp', () => {
    const standard: Subscriber = {
      format: 'standard',
      url: 'https://a.example.com/',
      events: [...events],
      secret: [makeSecret()],
    }
    const [first, second] = [
      messageFor(standard, told(), nowMs),
      messageFor(standard, told({ tries: 2 }), nowMs + 5000),
    ]
    expect([second.body, second.headers['webhook-id']]).toEqual([first.body, first.headers['webhook-id']])
    expect([first, second].map(({ headers }) => Number(headers['webhook-timestamp']))).toEqual([
      1_795_404_605, 1_795_404_610,
    ])
  })
})

describe('cards', () => {
  it('exist for every event, in Chinese, and never claim what nobody knows', () => {
    const titles = eventTypes.map(type => cardOf(type, data).title)
    expect(new Set(titles).size).toBe(eventTypes.length)
    for (const title of titles) {
      expect(title).toMatch(/回撤/)
      expect(title).not.toMatch(/[A-Za-z]/)
    }
    expect(cardOf('recall.completed', data)).toMatchObject({
      title: '回撤完成，厂商已全部受理',
      note: '“厂商已受理”不等于通知已从用户屏幕上消失。',
    })
  })

  it('say what was done to what, by whom, and when in Beijing', () => {
    expect(cardOf('recall.partially_failed', data).lines).toEqual([
      ['操作', '撤回'],
      ['对象', '消息 promo-1'],
      ['应用', 'news-android、news-harmony'],
      ['原因', '链接错误'],
      ['工单', 'INC-7'],
      ['发起人', 'li.wei'],
      ['设备', '共 10 台，厂商已受理 7，被拒绝 2，结果未知 1'],
      ['时间', '2026-11-24 00:30:05（北京时间）'],
      ['回撤编号', 'rcl_1'],
    ])
  })

  it('hold what others wrote as words on one line: no link, nothing that is not seen or turns the writing', () => {
    const hostile = 'a\u202eb\u2066c\u200fd\u0000e\u001b[1mf\u2028g\nh https://evil.example/x i'
    const verdict = { id: 'vrd_1', content: hostile, overturnedBy: 'vrd_2' }
    const all = {
      reason: hostile,
      ticket: hostile,
      person: hostile,
      apps: [hostile],
      subject: { content: hostile },
      verdict,
    }
    const { lines } = cardOf('recall.overturned', { ...data, ...all })
    const texts = lines.map(([, text]) => text).filter(text => text.includes('evil'))
    expect(texts.map(text => text.replace(/^内容 /, ''))).toEqual(
      Array.from({ length: 6 }, () => 'abcd e [1mf g h https：//evil.example/x i'),
    )
    const messages = [robot('feishu', [secret]), robot('dingtalk', [secret]), wecom].map(
      subscriber => messageFor(subscriber, told({ type: 'recall.overturned', data: { ...data, ...all } }), nowMs).body,
    )
    for (const body of messages) expect(body).not.toMatch(/https:\/\/evil|\p{Bidi_Control}|\\u0000|\\u001b/u)
  })

  it('tell of a trail that lags, which is no recall', () => {
    const lag = { seconds: 431, oldestAt: '2026-11-23T16:30:05.000Z', links: { self: '/v1/audit' } }
    expect(cardOf('audit.lagging', lag).lines).toEqual([
      ['最早一条', '2026-11-24 00:30:05（北京时间）'],
      ['已等待', '7 分钟'],
    ])
    for (const subscriber of [robot('feishu', [secret]), robot('dingtalk', [secret]), wecom])
      expect(messageFor(subscriber, told({ type: 'audit.lagging', data: lag }), nowMs).body).toContain('审计记录滞后')
  })

  it('leave out what is not known', () => {
    const bare = {
      ...data,
      devices: null,
      ticket: null,
      person: null,
      settledAt: null,
      subject: { content: 'article:1' },
    }
    const lines = Object.fromEntries(cardOf('recall.accepted', bare).lines)
    expect(Object.keys(lines)).not.toContain('设备')
    expect(lines).toMatchObject({ 对象: '内容 article:1', 发起人: 'key:ops', 时间: '2026-11-23 10:10:00（北京时间）' })
    const target = { app: 'news-harmony', notifyId: 7 }
    expect(cardOf('recall.accepted', { ...bare, subject: { target } }).lines[1]).toEqual(['对象', '推送 7'])
  })
})

describe('Feishu', () => {
  it('gets a signed card whose texts are plain', () => {
    const { url, body } = messageFor(
      robot('feishu', [secret]),
      told({ data: { ...data, reason: '<at id=all></at>' } }),
      nowMs,
    )
    const sent = JSON.parse(body)
    expect(url).toBe('https://robot.example.com/send?access_token=abc')
    expect(sent).toMatchObject({
      timestamp: '1795404605',
      sign: createHmac('sha256', `1795404605\n${secret}`).update('').digest('base64'),
      msg_type: 'interactive',
      card: { header: { template: 'red', title: { tag: 'plain_text', content: '回撤仅部分受理' } } },
    })
    const texts = JSON.stringify(sent.card).match(/"tag":"(\w+)"/g)
    expect(new Set(texts)).toEqual(new Set(['"tag":"plain_text"', '"tag":"div"', '"tag":"note"']))
    expect(body).toContain('<at id=all>')
  })
})

describe('DingTalk', () => {
  it('gets Markdown, and the signature in the query', () => {
    const { url, body } = messageFor(robot('dingtalk', [secret]), told(), nowMs)
    const query = new URL(url).searchParams
    expect([query.get('access_token'), query.get('timestamp')]).toEqual(['abc', String(nowMs)])
    expect(query.get('sign')).toBe(createHmac('sha256', secret).update(`${nowMs}\n${secret}`).digest('base64'))
    expect(JSON.parse(body)).toMatchObject({ msgtype: 'markdown', markdown: { title: '回撤仅部分受理' } })
  })

  it('and WeCom read no markup in what a person typed', () => {
    const typed = told({ data: { ...data, reason: '<@all> [点我](https://evil.example)\n# **x** `y`' } })
    for (const subscriber of [robot('dingtalk', [secret]), wecom]) {
      const { markdown } = JSON.parse(messageFor(subscriber, typed, nowMs).body)
      const line = String(markdown.text ?? markdown.content)
        .split('\n')
        .find(part => part.includes('原因'))
      expect(line).toMatch(/原因\*\*：＜@all＞ ［点我］\(https：\/\/evil\.example\) ＃ ＊＊x＊＊ ｀y｀$/)
    }
  })
})

describe('WeCom', () => {
  it('gets Markdown within 4096 bytes, however long the texts are', () => {
    const long = '很'.repeat(500)
    const more = { ...data, reason: long, ticket: long, person: long, subject: { content: long }, apps: [long] }
    const verdict = { id: 'vrd_1', content: long, overturnedBy: 'vrd_2' }
    const sent = messageFor(wecom, told({ type: 'recall.overturned', data: { ...more, verdict } }), nowMs)
    const { msgtype, markdown } = JSON.parse(sent.body)
    expect([sent.url, msgtype]).toEqual([wecom.url, 'markdown'])
    expect(Buffer.byteLength(markdown.content)).toBeLessThan(4096)
    expect(markdown.content).toContain('已回撤的通知无法恢复')
  })
})

describe('robots', () => {
  it('take the next secret of a rotation at each try', () => {
    const other = randomBytes(16).toString('hex')
    const signs = [1, 2, 3].map(
      tries => JSON.parse(messageFor(robot('feishu', [secret, other]), told({ tries }), nowMs).body).sign,
    )
    expect(signs[0]).not.toBe(signs[1])
    expect(signs[2]).toBe(signs[0])
  })

  it.each<[Format, string, number | null, number]>([
    ['feishu', '{"code":0,"msg":"success","data":{},"StatusCode":0}', null, 0],
    ['feishu', '{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}', 19021, 0],
    ['feishu', '{"code":11232,"msg":"frequency limited"}', 11232, 60_000],
    ['dingtalk', '{"errcode":0,"errmsg":"ok"}', null, 0],
    ['dingtalk', '{"errcode":310000,"errmsg":"sign not match"}', 310000, 0],
    ['dingtalk', '{"errcode":130101,"errmsg":"send too fast"}', 130101, 600_000],
    ['wecom', '{"errcode":0,"errmsg":"ok"}', null, 0],
    ['wecom', '{"errcode":93000,"errmsg":"invalid webhook url"}', 93000, 0],
    ['wecom', '{"errcode":45009,"errmsg":"api freq out of limit"}', 45009, 60_000],
  ])('%s: 200 with %s', (format, text, code, holdMs) => {
    const posted = { kind: 'answered', status: 200, retryAfter: null, text } as const
    const settled = judge(format, 1, posted, () => 0.5, nowMs)
    expect(settled.kind).toBe(code === null ? 'delivered' : 'later')
    expect(settled.holdMs).toBe(holdMs)
    expect(settled.detail ?? 'null').toContain(String(code))
    // words of a receiver are never repeated
    expect(settled.detail ?? '').not.toMatch(/sign match|too fast|freq|webhook url/)
  })

  it.each(['', 'null', '[]', '"0"', '{}', '{"errcode":"0"}', '<html>'])('that answer 200 with %s refuse', text => {
    const posted = { kind: 'answered', status: 200, retryAfter: null, text } as const
    expect(refusalOf('dingtalk', posted)).not.toBeNull()
    expect(refusalOf('standard', posted)).toBeNull()
  })
})

describe('a link for people', () => {
  const links = { self: '/v1/recalls/rcl_1', page: '/#/recalls/rcl_1', decide: '/#/recalls/rcl_1' }
  const asked = (origin: string | null) =>
    told({ type: 'recall.approval_required', data: { ...data, links: { ...links, origin } } })
  const page = 'https://push.example.com/#/recalls/rcl_1'
  const bodies = (one: Told) =>
    [robot('feishu', [secret]), robot('dingtalk', [secret]), wecom].map(to => messageFor(to, one, nowMs).body)

  it('starts with the host of the request that it came of', () => {
    const [feishu = '', dingtalk = '', weixin = ''] = bodies(asked('https://push.example.com'))
    expect(JSON.parse(feishu).card.elements).toContainEqual({
      tag: 'action',
      actions: [{ tag: 'button', type: 'primary', text: { tag: 'plain_text', content: '查看并处理' }, url: page }],
    })
    expect(JSON.parse(dingtalk).markdown.text).toContain(`[查看并处理](${page})`)
    expect(JSON.parse(weixin).markdown.content).toContain(`[查看并处理](${page})`)
  })
  it('starts with the origin that the deployment names, where it does', () => {
    vi.stubEnv('UNPUSH_DASHBOARD_ORIGIN', 'https://console.example.com')
    try {
      for (const body of bodies(asked('https://push.example.com'))) {
        expect(body).toContain('https://console.example.com/#/recalls/rcl_1')
        expect(body).not.toContain('push.example.com')
      }
    } finally {
      vi.unstubAllEnvs()
    }
  })
  it('is none in a card where no request said a host, and a path in the event', () => {
    for (const body of bodies(asked(null))) expect(body).not.toContain('#/recalls')
    const key = makeSecret()
    const to: Subscriber = { format: 'standard', url: 'https://a.example.com/', events: [...events], secret: [key] }
    const seen = (origin: string | null) => verify(key, messageFor(to, asked(origin), Date.now())).data.links
    expect(seen(null)).toEqual(links)
    expect(seen('https://push.example.com')).toEqual({ self: '/v1/recalls/rcl_1', page, decide: page })
  })
  it.each([
    ['push.example.com', 'https://push.example.com'],
    ['push.example.com:8443', 'https://push.example.com:8443'],
    ['127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['[::1]:8787', 'http://[::1]:8787'],
    ['evil.com/a', null],
    ['a b', null],
    ['user@evil.com', null],
    ['', null],
    [undefined, null],
  ])('takes of a Host header no more than a host: %s', (host, origin) => {
    expect(originOfHost(host)).toBe(origin)
  })
})
