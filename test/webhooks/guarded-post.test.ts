/** Every way to make the sender connect to where it must not, against a listener that counts (goal G33). */
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, Socket, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { createGuardedPost, type GuardOptions, type Posted } from '../../shared/webhooks/guarded-post.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const open: Server[] = []
async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  open.push(server)
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}
afterAll(async () => {
  for (const server of open) await new Promise(resolve => server.close(resolve))
})

const post = (url: string, options: GuardOptions = {}, timeoutMs = 2000): Promise<Posted> =>
  createGuardedPost(options)({ url, headers: { 'content-type': 'application/json' }, body: '{}', timeoutMs })
const at = (...addresses: string[]) => addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))

let hits = 0
let port = 0
let connect: MockInstance
beforeAll(async () => {
  port = await listen(
    createHttp((_request, response) => {
      hits += 1
      response.end('canary')
    }),
  )
})
beforeEach(() => {
  hits = 0
  connect = vi.spyOn(Socket.prototype, 'connect')
})
afterEach(() => connect.mockRestore())

/** `PORT` stands for the listener's. */
const hostile = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://127.0.0.2:PORT/',
  'https://127.255.255.254:PORT/',
  'https://127.1:PORT/',
  'https://127.0.1:PORT/',
  'https://0x7f.1:PORT/',
  'https://0x7f000001:PORT/',
  'https://0x7F.0x00.0x00.0x01:PORT/',
  'https://0177.0.0.1:PORT/',
  'https://0177.0x0.0.1:PORT/',
  'https://017700000001:PORT/',
  'https://2130706433:PORT/',
  'https://127.0.0.1.:PORT/',
  'https://127。0。0。1:PORT/',
  'https://１２７.０.０.１:PORT/',
  'https://①②⑦.⓪.⓪.①:PORT/',
  'https://%31%32%37.0.0.1:PORT/',
  'https://127.0.0.1%2f@hooks.example.com:PORT/',
  'https://[::1]:PORT/',
  'https://[0:0:0:0:0:0:0:1]:PORT/',
  'https://[::ffff:127.0.0.1]:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
  'https://[::127.0.0.1]:PORT/',
  'https://[64:ff9b::127.0.0.1]:PORT/',
  'https://[64:ff9b::a9fe:a9fe]:PORT/',
  'https://[2002:7f00:1::]:PORT/',
  'https://[2001:0:7f00:1::]:PORT/',
  'https://[fd00:ec2::254]:PORT/',
  'https://[fe80::1]:PORT/',
  'https://[fe80::1%25lo]:PORT/',
  'https://[ff02::1]:PORT/',
  'https://[::]:PORT/',
  'https://0:PORT/',
  'https://0.0.0.0:PORT/',
  'https://10.0.0.1:PORT/',
  'https://172.16.0.1:PORT/',
  'https://192.168.0.1:PORT/',
  'https://100.64.0.1:PORT/',
  'https://100.100.100.200:PORT/',
  'https://169.254.169.254:PORT/latest/meta-data/',
  'https://169.254.0.23:PORT/latest/meta-data/',
  'https://0xa9fea9fe:PORT/',
  'https://2852039166:PORT/',
  'https://0251.0376.0251.0376:PORT/',
  'https://168.63.129.16:PORT/',
  'https://192.0.0.192:PORT/',
  'https://192.0.2.1:PORT/',
  'https://198.18.0.1:PORT/',
  'https://224.0.0.1:PORT/',
  'https://255.255.255.255:PORT/',
  'https://localhost:PORT/',
  'https://LOCALHOST:PORT/',
  'https://localhost.:PORT/',
  'https://metadata:PORT/',
  'https://user@127.0.0.1:PORT/',
  'https://hooks.example.com@127.0.0.1:PORT/',
  'https://hooks.example.com:PORT@127.0.0.1/',
  'https://hooks.example.com#@127.0.0.1:PORT/',
  'https://hooks.example.com\\@127.0.0.1:PORT/',
  'https:\\\\127.0.0.1:PORT/',
  'https:127.0.0.1:PORT/',
  'https:///127.0.0.1:PORT/',
  ' https://127.0.0.1:PORT/',
  'https://127.0.0.1\t:PORT/',
  'https://127.0.0.1\n:PORT/',
  '//127.0.0.1:PORT/',
  'HTTP://127.0.0.1:PORT/',
  'ws://127.0.0.1:PORT/',
  'ftp://127.0.0.1:PORT/',
  'gopher://127.0.0.1:PORT/_POST',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  'https://hooks.example.com:22/',
  '',
]
/** A name of the subscriber's own choice, and what its server says to the question. */
const rebound = [
  ['127.0.0.1'],
  ['::1'],
  ['::ffff:127.0.0.1'],
  ['10.0.0.7'],
  ['169.254.169.254'],
  ['169.254.0.23'],
  ['100.64.0.9'],
  ['64:ff9b::7f00:1'],
  ['2002:7f00:1::1'],
  ['0.0.0.0'],
  // one good address beside a bad one is no alibi
  ['8.8.8.8', '127.0.0.1'],
  ['2400:3200::1', '::1'],
]

describe('hostile subscribers', () => {
  it('have a listener that would notice', async () => {
    expect(await post(`http://127.0.0.1:${port}/`, { allowLoopback: true })).toMatchObject({
      kind: 'answered',
      status: 200,
      text: 'canary',
    })
    expect([hits, connect.mock.calls.length]).toEqual([1, 1])
  })

  it(`get no connection from ${hostile.length} URLs`, async () => {
    expect(hostile.length).toBeGreaterThanOrEqual(60)
    // whatever is a name resolves to the listener
    const resolve = async () => at('127.0.0.1')
    for (const url of hostile) {
      const posted = await post(url.replace('PORT', String(port)), { ports: [port, 443], resolve })
      expect([url, posted.kind]).toEqual([url, 'refused'])
    }
    expect([hits, connect.mock.calls.length]).toEqual([0, 0])
  })

  it('get no connection by what a name resolves to', async () => {
    for (const addresses of rebound) {
      const posted = await post('https://hooks.example.com/', { resolve: async () => at(...addresses) })
      expect([addresses, posted.kind]).toEqual([addresses, 'refused'])
    }
    expect([hits, connect.mock.calls.length]).toEqual([0, 0])
  })

  it('get no second question: the connection goes to the address that was checked (DNS rebinding)', async () => {
    let asked = 0
    const { key, certificate } = makeCertificate('hooks.example.com')
    const first = await listen(createHttps({ key, cert: certificate }, (_request, response) => response.end('first')))
    const resolve = async () => at((asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2')
    const posted = await post(`https://hooks.example.com:${first}/`, {
      allowLoopback: true,
      authorities: certificate,
      resolve,
    })
    expect([posted, asked, connect.mock.calls.length]).toMatchObject([{ kind: 'answered', text: 'first' }, 1, 1])
  })
})

describe('a guarded request', () => {
  const onHttps = async (listener: RequestListener, name = 'hooks.example.com') => {
    const { key, certificate } = makeCertificate(name)
    const to = await listen(createHttps({ key, cert: certificate }, listener))
    const options = { allowLoopback: true, authorities: certificate, resolve: async () => at('127.0.0.1') }
    return { url: `https://hooks.example.com:${to}/`, options }
  }

  it("holds the certificate against the URL's own name, and against Node's own list", async () => {
    let heard = 0
    const listener: RequestListener = (_request, response) => {
      heard += 1
      response.end()
    }
    const other = await onHttps(listener, 'other.example.com')
    expect(await post(other.url, other.options)).toEqual({
      kind: 'unanswered',
      detail: 'The connection failed (ERR_TLS_CERT_ALTNAME_INVALID).',
    })
    const right = await onHttps(listener)
    const { authorities: _, ...unknown } = right.options
    expect(await post(right.url, unknown)).toMatchObject({ kind: 'unanswered', detail: /SELF_SIGNED/ })
    expect(heard).toBe(0)
    expect(await post(right.url, right.options)).toMatchObject({ kind: 'answered', status: 200 })
    expect(heard).toBe(1)
  })

  it.each([301, 302, 303, 307, 308])('never follows a %i', async status => {
    const { url, options } = await onHttps((_request, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${port}/`, refresh: '0; url=/elsewhere' }).end()
    })
    expect(await post(url, options)).toMatchObject({ kind: 'answered', status })
    expect([hits, connect.mock.calls.length]).toEqual([0, 1])
  })

  it('reads 64 KiB of a reply and no more', async () => {
    const { url, options } = await onHttps((_request, response) => {
      response.writeHead(200)
      const more = () =>
        void (response.destroyed || response.write(Buffer.alloc(16_384, 'x'), () => setImmediate(more)))
      more()
    })
    const posted = await post(url, options)
    expect(posted).toMatchObject({ kind: 'answered', status: 200 })
    expect(posted.kind === 'answered' && posted.text.length).toBe(65_536)
  })

  it('ends in time, whoever is slow', async () => {
    const startedAt = Date.now()
    const silent = await onHttps(() => {})
    const never = new Promise<never>(() => {})
    const late = { kind: 'unanswered', detail: 'No reply within 200 ms.' } as const
    expect(await post(silent.url, silent.options, 200)).toEqual(late)
    expect(await post('https://hooks.example.com/', { resolve: () => never }, 200)).toEqual(late)
    const dripping = await onHttps((_request, response) => {
      response.writeHead(202)
      const drip = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drip))
    })
    // the status is the answer; nobody waits for the rest. A slow machine takes longer until there is one
    let posted: Posted = late
    for (let ms = 200; posted.kind !== 'answered' && ms < 20_000; ms *= 3)
      posted = await post(dripping.url, dripping.options, ms)
    expect(posted).toMatchObject({ kind: 'answered', status: 202 })
    expect(Date.now() - startedAt).toBeLessThan(60_000)
  })

  it('keeps no connection that could die unseen: each has its own, and ends it', async () => {
    let asked: (string | undefined)[] = []
    const server = await listen(
      createHttp((request, response) => {
        asked.push(request.headers.connection)
        request.resume().on('end', () => response.setHeader('keep-alive', 'timeout=600').end())
      }),
    )
    for (const death of ['fin', 'half-close', 'reset', 'silence'] as const) {
      const proxy = await startTcpProxy({ port: server })
      asked = []
      for (let nth = 1; nth <= 2; nth++) {
        expect(await post(`http://127.0.0.1:${proxy.port}/`, { allowLoopback: true }, 20_000)).toMatchObject({
          status: 200,
        })
        await proxy.kill(death)
      }
      expect([proxy.accepted(), proxy.met(), asked]).toEqual([2, 0, ['close', 'close']])
      await proxy.close()
    }
  })

  it('says what failed, and nothing of the URL but its host', async () => {
    const refused = await listen(createHttp())
    await new Promise(resolve => open.pop()?.close(resolve))
    const secret = '/hook/4f9c?key=8d1f'
    const unknown = async () => Promise.reject(Object.assign(new Error(secret), { code: 'ENOTFOUND' }))
    const results = [
      await post(`http://127.0.0.1:${refused}${secret}`, { allowLoopback: true }),
      await post(`https://hooks.example.com${secret}`, { resolve: unknown }),
      await post(`https://hooks.example.com:9${secret}`),
      await post(`https://[::1]${secret}`),
    ]
    expect(results.map(posted => (posted.kind === 'answered' ? '' : posted.detail))).toEqual([
      'The connection failed (ECONNREFUSED).',
      'hooks.example.com cannot be resolved.',
      'The URL must use port 443 or 8443.',
      'The URL must not point to ::1 (loopback).',
    ])
  })
})
