/** The literal requests of the vendors' own documents, from curl's place to the phones. */
import { afterEach, beforeEach, expect, it, describe } from 'vitest'
import { online, type Service, showing, startService } from '../support/service.ts'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(() => service.close())

const wait = { headers: { prefer: 'wait=10' } }

describe('TPNS', () => {
  it('stops push 43214535: what is shown stays, what waits for offline phones never comes', async () => {
    const { sandbox } = service
    sandbox.pushTpns({ app: 'news-android', title: '错误链接', content: '内容', audience: 'all', pushId: '43214535' })
    const before = showing(sandbox, 'tpns', '43214535')
    const { status, body } = await service.call(
      'POST',
      '/v1/stop',
      { target: { app: 'news-android', pushId: '43214535' }, reason: 'wrong link' },
      wait,
    )
    expect(status).toBe(202)
    expect(body).toMatchObject({
      state: 'done',
      operation: 'stop',
      devices: null,
      targets: [{ pushId: '43214535', vendor: { status: 'PUSH_DELETED_PUSH_MSG' } }],
    })
    expect(showing(sandbox, 'tpns', '43214535')).toBe(before)
    const offline = sandbox.phones.filter(phone => phone.app === 'news-android' && !phone.online)
    expect(offline.every(phone => phone.pending.length === 0)).toBe(true)
  })

  it('revokes push 150032: gone on its own channel, kept on the phone makers’, and says so', async () => {
    const { sandbox } = service
    sandbox.pushTpns({ app: 'news-android', title: '谣言', content: '内容', audience: 'all', pushId: '150032' })
    const clicked = sandbox.phones.find(phone => phone.channel === 'tpns' && phone.online)
    const notice = clicked?.notices[0]
    if (notice !== undefined) notice.state = 'clicked'
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-android', pushId: '150032' }, reason: 'rumour' },
      wait,
    )
    expect(body.state).toBe('done')
    expect(body.targets[0].vendor.status).toBe('PUSH_REVOKED')
    expect(showing(sandbox, 'tpns', '150032')).toBe(0)
    expect(clicked?.notices.length).toBe(1)
    for (const channel of ['xiaomi', 'meizu', 'huawei', 'huawei-emui9', 'oppo', 'vivo']) {
      expect(showing(sandbox, channel, '150032'), channel).toBe(online(sandbox, channel))
    }
    const effects = new Map(
      body.targets[0].effects.map((item: { channel: string; effect: string }) => [item.channel, item.effect]),
    )
    expect(effects.get('tpns')).toBe('removed')
    expect(effects.get('xiaomi')).not.toBe('removed')
    expect(body.targets[0].warnings.join(' ')).toMatch(/Xiaomi/)
  })

  it('overlays with "覆盖00001条消息": replaced where a channel can, the old one elsewhere', async () => {
    const { sandbox } = service
    sandbox.pushTpns({
      app: 'news-android',
      title: '旧标题',
      content: '旧内容',
      audience: 'all',
      pushId: '15003211',
      collapseId: 1,
    })
    const request = {
      target: { app: 'news-android', pushId: '15003211' },
      overlay: { title: '覆盖00001条消息', body: '今天天气不错哦', forceCollapse: false },
      reason: 'correction',
    }
    const { body } = await service.call('POST', '/v1/overlay', request, wait)
    expect(body).toMatchObject({ state: 'done', targets: [{ vendor: { status: 'PUSH_COLLAPSED' } }] })
    const titles = (channel: string) =>
      new Set(
        sandbox.phones
          .filter(phone => phone.channel === channel && phone.online)
          .map(phone => phone.notices.map(({ title }) => title).join('|')),
      )
    for (const channel of ['tpns', 'xiaomi', 'meizu', 'huawei'])
      expect(titles(channel), channel).toEqual(new Set(['覆盖00001条消息']))
    for (const channel of ['oppo', 'vivo', 'huawei-emui9'])
      expect(titles(channel), channel).toEqual(new Set(['旧标题']))
  })

  it('shows both on phones that cannot overlay when forceCollapse is true', async () => {
    const { sandbox } = service
    sandbox.pushTpns({ app: 'news-android', title: '旧', content: '旧', audience: 'all', pushId: '77' })
    const request = {
      target: { app: 'news-android', pushId: '77' },
      overlay: { title: '新', body: '新', forceCollapse: true },
      reason: 'correction',
    }
    await service.call('POST', '/v1/overlay', request, wait)
    const oppo = sandbox.phones.find(phone => phone.channel === 'oppo' && phone.online)
    expect(oppo?.notices.map(({ title }) => title)).toEqual(['新', '旧'])
  })

  it('removes on iPhones only while the app lives; stop is refused', async () => {
    const { sandbox } = service
    sandbox.pushTpns({ app: 'news-ios', title: 'x', content: 'x', audience: 'all', pushId: '900' })
    const stop = await service.call('POST', '/v1/stop', { target: { app: 'news-ios', pushId: '900' }, reason: 'r' })
    expect(stop.status).toBe(422)
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-ios', pushId: '900' }, reason: 'r' },
      wait,
    )
    expect(body.state).toBe('done')
    const kept = sandbox.phones.filter(phone => phone.channel === 'apns' && phone.online && phone.notices.length > 0)
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.every(phone => !phone.alive)).toBe(true)
  })

  it('cancels a push that still waits for its time', async () => {
    const { sandbox } = service
    const { pushId } = sandbox.pushTpns({
      app: 'news-android',
      title: 'x',
      content: 'x',
      audience: 'all',
      sendAtMs: Date.now() + 3_600_000,
    })
    const { body } = await service.call(
      'POST',
      '/v1/stop',
      { target: { app: 'news-android', pushId }, reason: 'r' },
      wait,
    )
    expect(body).toMatchObject({ state: 'done', targets: [{ vendor: { status: 'PUSH_CANCELED' } }] })
  })

  it('keeps 19 digits', async () => {
    const { pushId } = service.sandbox.pushTpns({
      app: 'news-android',
      title: 'x',
      content: 'x',
      audience: 'all',
      pushId: '1328245138690125824',
    })
    const { body } = await service.call('GET', `/v1/status?app=news-android&pushId=${pushId}`)
    expect(body).toMatchObject({ pushId: '1328245138690125824', status: 'PUSH_FINISHED', stale: null })
  })

  it('falls back where revoke is taken offline, and says partial', async () => {
    const { sandbox } = service
    sandbox.switches.tpns.revokeRetired = true
    sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '5' })
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-android', pushId: '5' }, reason: 'r' },
      wait,
    )
    expect(body).toMatchObject({
      state: 'partial',
      targets: [{ requested: 'revoke', operation: 'stop', vendor: { status: 'PUSH_DELETED_PUSH_MSG' } }],
    })
    const again = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-android', pushId: '5' }, reason: 'r', fallback: false, again: true },
      wait,
    )
    expect(again.body.state).toBe('failed')
  })

  it('does not count a revoke that changed nothing', async () => {
    const { sandbox } = service
    sandbox.switches.tpns.acceptedButNothing = true
    sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '6' })
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-android', pushId: '6' }, reason: 'r', fallback: false },
      wait,
    )
    expect(body.state).toBe('failed')
  })

  it.each(['pushId', 'pushid'] as const)('works where the server reads only %s', async field => {
    service.sandbox.switches.tpns.pushIdField = field
    service.sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '8' })
    const { body } = await service.call(
      'POST',
      '/v1/stop',
      { target: { app: 'news-android', pushId: '8' }, reason: 'r' },
      wait,
    )
    expect(body.state).toBe('done')
  })
})

describe('Push Kit', () => {
  it('revokes notifyId 1234567 with its three tokens, as the document prints them', async () => {
    const tokens = ['pushToken1', 'pushToken2', 'pushToken3']
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-harmony', notifyId: 1_234_567, tokens }, reason: 'wrong link' },
      wait,
    )
    // the sandbox knows no such tokens: the vendor names them illegal, and the answer counts them
    expect(body).toMatchObject({
      state: 'failed',
      devices: { total: 3, accepted: 0, rejected: 3, unknown: 0, pending: 0 },
      targets: [{ rejected: [{ reason: 'tokenFormatError', count: 3 }] }],
    })
    expect(JSON.stringify(body)).not.toMatch(/pushToken/)
    expect(service.logged.join('')).not.toMatch(/pushToken/)
  })

  it('removes from every device class that can, keeps badges, keeps the rest', async () => {
    const { sandbox } = service
    const tokens = sandbox.harmonyTokens()
    sandbox.pushHarmony({ notifyId: 1_234_567, tokens, title: '错误', body: '内容' })
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-harmony', notifyId: 1_234_567, tokens }, reason: 'wrong link' },
      wait,
    )
    expect(body).toMatchObject({ state: 'done', devices: { total: 2500, accepted: 2500, pending: 0 } })
    for (const model of ['phone', 'tablet', 'pc', 'watch-5.1.0', 'tv-5.1.1'])
      expect(showing(sandbox, model, '1234567'), model).toBe(0)
    for (const model of ['watch-5.0.5', 'tv-5.1.0'])
      expect(showing(sandbox, model, '1234567'), model).toBe(online(sandbox, model))
    expect(sandbox.phones.find(phone => phone.model === 'phone' && phone.online)?.badge).toBe(1)
  })

  it('overlays under the same notifyId, 0 included', async () => {
    const { sandbox } = service
    const [token = ''] = sandbox.harmonyTokens()
    sandbox.pushHarmony({ notifyId: 0, tokens: [token], title: '旧', body: '旧' })
    const { body } = await service.call(
      'POST',
      '/v1/overlay',
      {
        target: { app: 'news-harmony', notifyId: 0, tokens: [token] },
        overlay: { title: '更正：活动时间有误', body: '今天天气不错哦' },
        reason: 'r',
      },
      wait,
    )
    expect(body.state).toBe('done')
    expect(sandbox.phones.find(phone => phone.token === token)?.notices.map(({ title }) => title)).toEqual([
      '更正：活动时间有误',
    ])
  })

  it.each([{ numericCodes: true }, { everythingHttp200: false }, { rejectTokens: 1 }])('understands %j', async lie => {
    const { sandbox } = service
    Object.assign(sandbox.switches.pushKit, lie)
    const tokens = sandbox.harmonyTokens().slice(0, 3)
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target: { app: 'news-harmony', notifyId: 3, tokens }, reason: 'r' },
      wait,
    )
    const rejected = 'rejectTokens' in lie ? 1 : 0
    expect(body.devices).toEqual({ total: 3, accepted: 3 - rejected, rejected, unknown: 0, pending: 0 })
    expect(body.state).toBe(rejected === 0 ? 'done' : 'partial')
    for (const token of tokens) expect(JSON.stringify(body)).not.toContain(token)
  })

  it.each(['reset', 'html', 'empty', 'truncated', 'http503'] as const)(
    'tries again after %s and counts each device once',
    async failure => {
      const { sandbox } = service
      Object.assign(sandbox.switches.pushKit, { failure, calls: 1, retryAfter: failure === 'http503' ? 1 : null })
      const tokens = sandbox.harmonyTokens().slice(0, 10)
      const { body } = await service.call(
        'POST',
        '/v1/revoke',
        { target: { app: 'news-harmony', notifyId: 4, tokens }, reason: 'r' },
        wait,
      )
      expect(body).toMatchObject({ state: 'done', devices: { total: 10, accepted: 10 } })
    },
  )

  it('says what blocks while the vendor wants less', async () => {
    const { sandbox } = service
    Object.assign(sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    const { body } = await service.call('POST', '/v1/revoke', {
      target: { app: 'news-harmony', notifyId: 4, tokens: sandbox.harmonyTokens().slice(0, 10) },
      reason: 'r',
    })
    expect(body).toMatchObject({ state: 'running', blocked: { by: 'rate' }, devices: { pending: 10 } })
    expect(Date.parse(body.blocked.nextAttemptAt) - Date.now()).toBeGreaterThan(500_000)
  })
})
