import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { callTencent } from '../../shared/cloud/tencent.ts'
import { type Answered, type Arrived, standIn, type StandIn } from '../support/cloud/stand-in.ts'
import { refuseTc3 } from '../support/cloud/tc3.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const id = `AKID${randomBytes(12).toString('hex')}`
const key = randomBytes(16).toString('hex')
const token = randomBytes(16).toString('hex')
let api: StandIn | null = null
afterEach(async () => {
  vi.useRealTimers()
  await api?.close()
})

async function world(
  answer: (arrived: Arrived) => Answered | null | Promise<Answered | null>,
  through: (origin: string) => string = origin => origin,
) {
  const arrived: Arrived[] = []
  api = await standIn(async request => {
    arrived.push(request)
    return answer(request)
  })
  const { origin } = api
  return {
    arrived,
    call: (data: object = { FunctionName: 'a', Nested: { some_key: [{ camelCase: 1 }] } }) =>
      callTencent({
        service: 'scf',
        version: '2018-04-16',
        action: 'GetFunction',
        data: { ...data },
        region: 'ap-guangzhou',
        credentials: { id, key, token },
        endpoint: through(origin),
        timeoutMs: 300,
      }),
  }
}

const well: Answered = { status: 200, body: '{"Response":{"RequestId":"r","A":1}}' }

describe('a call of Tencent Cloud', () => {
  it('after a while goes over a new connection: one of before may have died while the function was frozen', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    let proxy: TcpProxy | null = null
    const { arrived, call } = await world(
      () => well,
      origin => `http://127.0.0.1:${proxy?.port ?? new URL(origin).port}`,
    )
    proxy = await startTcpProxy({ port: Number(new URL(api?.origin ?? '').port) })
    for (const death of ['half-close', 'reset', 'silence'] as const) {
      expect(await call()).toMatchObject({ ok: true })
      await proxy.kill(death)
      vi.setSystemTime(Date.now() + 60_000)
    }
    expect([await call(), arrived.length, proxy.met()]).toMatchObject([{ ok: true }, 4, 0])
    await proxy.close()
  })

  it('is signed by TC3, says its version and token, and keeps every name as it was written', async () => {
    const { arrived, call } = await world(() => well)
    expect(await call()).toEqual({ ok: true, reply: { RequestId: 'r', A: 1 } })
    expect(await call()).toMatchObject({ ok: true })
    for (const request of arrived) {
      expect(refuseTc3(request, 'scf', { [id]: { key, token } })).toBeNull()
      expect(request.url).toBe('/')
      expect(request.headers).toMatchObject({
        'x-tc-action': 'GetFunction',
        'x-tc-version': '2018-04-16',
        'x-tc-region': 'ap-guangzhou',
        'x-tc-token': token,
      })
      expect(JSON.parse(request.body.toString())).toEqual({
        FunctionName: 'a',
        Nested: { some_key: [{ camelCase: 1 }] },
      })
    }
    expect(arrived).toHaveLength(2)
  })

  it('tells an error of the API by its code', async () => {
    const { call } = await world(() => ({
      status: 200,
      body: '{"Response":{"Error":{"Code":"ResourceNotFound","Message":"no"},"RequestId":"r"}}',
    }))
    expect(await call()).toEqual({ ok: false, code: 'ResourceNotFound', message: 'no' })
  })

  it.each<[string, () => Answered | null | Promise<never>, string]>([
    ['an HTTP error', () => ({ status: 502, body: 'bad gateway' }), 'HTTP 502'],
    ['HTML', () => ({ status: 200, body: '<html>' }), 'the reply is not one of the API'],
    ['another JSON', () => ({ status: 200, body: '[]' }), 'the reply is not one of the API'],
    ['a cut connection', () => null, 'ECONNRESET'],
    ['silence', () => new Promise<never>(() => {}), 'no reply within 300 ms'],
  ])('is unreached by %s, asked once, and told without its request', async (_what, answer, words) => {
    const { arrived, call } = await world(answer)
    const reply = await call()
    expect(reply).toMatchObject({ ok: false, code: 'unreached' })
    expect(JSON.stringify(reply)).toContain(words)
    expect(arrived).toHaveLength(1)
    for (const secret of [key, token]) expect(JSON.stringify(reply)).not.toContain(secret)
  })

  it('waits out the last second of a UTC day, in which the package signs with two dates', async () => {
    const { arrived, call } = await world(() => well)
    vi.useFakeTimers({ now: Date.parse('2026-03-01T23:59:59.700Z'), toFake: ['Date'], shouldAdvanceTime: true })
    expect(await call()).toMatchObject({ ok: true })
    const [request] = arrived
    if (request === undefined) throw new Error('nothing was sent')
    expect(refuseTc3(request, 'scf', { [id]: { key, token } })).toBeNull()
    expect(request.headers.authorization).toContain('/2026-03-02/')
  })
})
