/** Switches: the stand-ins misbehave as they are told to, and only then. */
import { Agent, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Draws, strike } from '../../sandbox/faults.ts'
import { honestSwitches } from '../../sandbox/running-vendors.ts'
import { standIn } from '../../sandbox/vendors/tpns/index.ts'
import { callersOf, type Running, startSandbox } from './world.ts'

const revokePath = '/v3/push/revoke_push_msg'
const recordPath = '/v3/statistics/get_push_record'

let running: Running
let call: ReturnType<typeof callersOf>
let pushId: string
beforeEach(async () => {
  running = await startSandbox()
  call = callersOf(running)
  ;({ pushId } = running.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' }))
})
afterEach(() => running.close())

const tpns = () => running.sandbox.switches.tpns
const revoke = () => call.tpns('news-android', revokePath, { pushId })
const status = async () =>
  JSON.parse(await (await call.tpns('news-android', recordPath, { pushId })).text()).pushRecordData[0].status
const gone = () => running.sandbox.fleet.ofGroup('tpns').filter(({ mark }) => mark === 'removed').length

describe('a failure', () => {
  it.each([
    ['http429', 429, ''],
    ['http503', 503, '<html>'],
    ['html', 502, '<html>'],
    ['empty', 200, ''],
    ['truncated', 200, '{"retCode":0,'],
    ['unknownCode', 200, '{"retCode":89999999'],
    ['halfEmoji', 200, '{"retCode":1008007,"errMsg":"错错'],
    ['nul', 200, '{"retCode":1008007,"errMsg":"not \\u0000 '],
    ['loneSurrogate', 200, '{"retCode":1008007,"errMsg":"not \\ud83d '],
    ['nested', 200, '{"retCode":1008007,"errMsg":{"illegalTokens":[[[['],
  ] as const)('%s', async (failure, httpStatus, text) => {
    Object.assign(tpns(), { failure, calls: 1 })
    const reply = await revoke()
    expect(reply.status).toBe(httpStatus)
    expect((await reply.text()).startsWith(text)).toBe(true)
    expect(reply.headers.get('retry-after')).toBeNull()
    expect(tpns().calls).toBe(0)
    expect(await status()).toBe(['html', 'empty', 'truncated'].includes(failure) ? 'PUSH_REVOKED' : 'PUSH_FINISHED')
    const { items } = JSON.parse(await (await fetch(`${running.url}/_sandbox/calls`)).text())
    expect(items[1]).toMatchObject({ vendor: 'tpns', path: revokePath, httpStatus, code: failure, fault: failure })
  })
  it('reset: the connection ends, with the work done or not', async () => {
    Object.assign(tpns(), { failure: 'reset', calls: 2, worksBeforeFailing: false })
    await expect(revoke()).rejects.toThrow('fetch failed')
    expect(gone()).toBe(0)
    tpns().worksBeforeFailing = true
    await expect(revoke()).rejects.toThrow('fetch failed')
    expect(gone()).toBe(50)
  })
  it('timeout: no answer ever comes', async () => {
    Object.assign(tpns(), { failure: 'timeout' })
    const first = await Promise.race([
      revoke().catch(() => 'ended'),
      new Promise(resolve => setTimeout(resolve, 150, 'silence')),
    ])
    expect(first).toBe('silence')
    await expect.poll(gone).toBe(50)
  })
  it.each(['http429', 'http503'] as const)('%s with Retry-After', async failure => {
    Object.assign(tpns(), { failure, retryAfter: 30 })
    expect((await revoke()).headers.get('retry-after')).toBe('30')
  })
  it('strikes the other vendor only when that is switched', async () => {
    Object.assign(running.sandbox.switches.pushKit, { failure: 'http503' })
    expect((await revoke()).status).toBe(200)
    expect((await call.revoke(1, running.sandbox.harmonyTokens('pc'))).status).toBe(503)
  })
})

it('says yes and does nothing; its status lies when told to', async () => {
  tpns().acceptedButNothing = true
  expect(await (await revoke()).text()).toContain('NO_ERROR')
  expect([gone(), await status()]).toEqual([0, 'PUSH_FINISHED'])
  tpns().statusLies = true
  await revoke()
  expect([gone(), await status()]).toEqual([0, 'PUSH_REVOKED'])
})

it('lies for Push Kit too', async () => {
  const { sandbox } = running
  const tokens = sandbox.harmonyTokens('pc')
  sandbox.pushHarmony({ notifyId: 1, tokens, title: 't', body: 'b' })
  sandbox.switches.pushKit.acceptedButNothing = true
  expect(await (await call.revoke(1, tokens)).text()).toContain('80000000')
  expect(sandbox.fleet.ofGroup('pc').some(({ mark }) => mark === 'removed')).toBe(false)
})

it('is late when told to', async () => {
  tpns().latencyMs = 120
  const startedAt = performance.now()
  await revoke()
  expect(performance.now() - startedAt).toBeGreaterThan(115)
})

it('revokes 1,000 tokens in a few milliseconds', async () => {
  const { sandbox } = running
  const tokens = sandbox.harmonyTokens('phone').slice(0, 1000)
  const times: number[] = []
  for (let round = 0; round < 8; round++) {
    sandbox.pushHarmony({ notifyId: 1, tokens, title: 't', body: 'b' })
    const startedAt = performance.now()
    expect((await call.revoke(1, tokens)).status).toBe(200)
    times.push(performance.now() - startedAt)
  }
  expect(Math.min(...times)).toBeLessThan(40)
})

describe('connections', () => {
  it('are said to be kept for so long, or nothing is said of it', async () => {
    expect((await revoke()).headers.get('keep-alive')).toMatch(/^timeout=/)
    tpns().keepAliveHint = false
    const { headers } = await revoke()
    expect([headers.get('keep-alive'), headers.get('connection')]).toEqual([null, 'keep-alive'])
  })

  it.each(['reset', 'silence'] as const)(
    'that were idle end by %s, and what came over them never came',
    async death => {
      Object.assign(tpns(), { idleConnections: death, keepAliveHint: false })
      const agent = new Agent({ keepAlive: true })
      const ask = (timeout = 60_000) =>
        new Promise<string>(resolve => {
          const sent = request(`${running.url}/_sandbox/tpns${recordPath}`, { method: 'POST', agent, timeout }, reply =>
            reply.resume().on('end', () => resolve('answered')),
          )
          sent.on('error', () => resolve('reset')).on('timeout', () => resolve('silence'))
          sent.end('{}')
        })
      const calls = async () => JSON.parse(await (await fetch(`${running.url}/_sandbox/calls`)).text()).items.length
      expect([await ask(), await ask(), await calls()]).toEqual(['answered', 'answered', 2])
      await new Promise(resolve => setTimeout(resolve, 550))
      expect([await ask(death === 'silence' ? 300 : 60_000), await calls()]).toEqual([death, 2])
      agent.destroy()
      expect([await ask(), await calls()]).toEqual(['answered', 3])
      agent.destroy()
    },
  )
})

describe('which calls a fault strikes', () => {
  const strikes = (changes: object, paths: readonly string[], drawn: Draws = { draws: 0 }) => {
    const switches = Object.assign(honestSwitches(standIn), { failure: 'http503' }, changes)
    return paths.map(path => strike(switches, path, drawn).failure !== null)
  }
  const thousand = Array.from({ length: 1000 }, () => revokePath)
  it('all, the next n, or those whose path holds a text', () => {
    expect(strikes({}, [revokePath, recordPath])).toEqual([true, true])
    expect(strikes({ calls: 1 }, [revokePath, revokePath])).toEqual([true, false])
    expect(strikes({ only: 'revoke', calls: 1 }, [recordPath, revokePath, revokePath])).toEqual([false, true, false])
    expect(strikes({ failure: null }, [revokePath])).toEqual([false])
  })
  it('a share, and the same ones in every run', () => {
    const struck = strikes({ share: 0.3 }, thousand)
    const count = struck.filter(Boolean).length
    expect(count).toBeGreaterThan(240)
    expect(count).toBeLessThan(360)
    expect(strikes({ share: 0.3 }, thousand)).toEqual(struck)
    expect(strikes({ share: 0 }, thousand).some(Boolean)).toBe(false)
  })
})
