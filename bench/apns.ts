/** What the provider and the transport of APNs add to node:http2: the same pushes to the same stand-in, 500 streams at once. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type ClientHttp2Session, connect, sensitiveHeaders } from 'node:http2'
import { createSend } from '../shared/http.ts'
import { apns } from '../shared/providers/apns/index.ts'
import { attempted, median, type Row, spread, timed } from './measures.ts'
import { startChild } from './processes.ts'

const count = 100_000
const atOnce = 500
const rounds = 3
const content = { title: 'Correction', body: 'The price was wrong.', url: null, forceCollapse: false, options: {} }

/** Rows of the benchmark's table. */
export async function* apnsMeasures(): AsyncGenerator<Row, void, undefined> {
  yield* attempted('APNs', measure)
}

async function* measure(): AsyncGenerator<Row, void, undefined> {
  const vendor = await startChild('bench/apns-vendor.ts', /vendor on (\d+)/)
  try {
    const endpoint = `http://127.0.0.1:${vendor.said}`
    const tokens = Array.from({ length: count }, () => randomBytes(32).toString('hex'))
    const overlay = await overlayWith(endpoint)
    const session = connect(endpoint)
    const { headers, body } = await bareRequest(endpoint)
    const bare = (token: string) => ask(session, { ...headers, ':path': `/3/device/${token}` }, body)
    const all = (one: (token: string) => Promise<void>, some: readonly string[]) => timed(() => lanes(one, some))
    // both warm: compiled code, open sessions
    for (const one of [bare, overlay]) await all(one, tokens.slice(0, 5000))
    const bareTimes: number[] = []
    const ourTimes: number[] = []
    for (let round = 0; round < rounds; round++) {
      bareTimes.push(await all(bare, tokens))
      ourTimes.push(await all(overlay, tokens))
    }
    session.close()
    const ratio = median(bareTimes) / median(ourTimes)
    const perSecond = (times: readonly number[]) => Math.round(count / (median(times) / 1000))
    yield {
      what: `APNs, 100,000 tokens over HTTP/2, ${atOnce} streams: rate of provider and transport over a bare node:http2 loop`,
      measured: `${ratio.toFixed(2)} (${perSecond(ourTimes)} / ${perSecond(bareTimes)} a second${spread(ourTimes, bareTimes)})`,
      goal: '≥ 0.8',
      met: ratio >= 0.8,
    }
  } finally {
    await vendor.end()
  }
}

async function lanes(one: (token: string) => Promise<void>, tokens: readonly string[]): Promise<void> {
  let next = 0
  const lane = async () => {
    for (let token = tokens[next++]; token !== undefined; token = tokens[next++]) await one(token)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

async function openApp(endpoint: string) {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const document = { provider: 'apns', teamId: 'DEF123GHIJ', keyId: 'ABC123DEFG', privateKey, topic: 'com.example.app' }
  const credentials = apns.credentials.parse({ ...document, environment: 'production', endpoint })
  const given = { credentials, send: createSend(), timeoutMs: 10_000, now: Date.now }
  const opened = await apns.login?.open(given)
  if (opened === undefined || !('session' in opened)) throw new Error('no provider token')
  return { ...given, renew: false, key: '2b1d0c5e-8f2c-4a1b-9e3d-7c6b5a4f3e2d', session: opened.session }
}

async function overlayWith(endpoint: string): Promise<(token: string) => Promise<void>> {
  const call = await openApp(endpoint)
  return async token => {
    const request = { names: { collapseId: 'order-4711' }, named: { by: 'token', token }, record: null } as const
    const outcome = await apns.overlay?.(request, content, call)
    if (outcome?.kind !== 'accepted') throw new Error(`${outcome?.kind}: ${JSON.stringify(outcome?.vendor)}`)
  }
}

/** The very request that the provider makes. */
async function bareRequest(endpoint: string) {
  const call = await openApp(endpoint)
  let sent: { headers: { readonly [name: string]: string }; body: string } | null = null
  const send: typeof call.send = async ({ headers, body }) => {
    sent = { headers, body: String(body) }
    return { status: 200, headers: {}, text: '' }
  }
  const named = { by: 'token', token: '00ff00ff' } as const
  await apns.overlay?.({ names: { collapseId: 'order-4711' }, named, record: null }, content, { ...call, send })
  if (sent === null) throw new Error('nothing was sent')
  const { headers, body } = sent as { headers: { readonly [name: string]: string }; body: string }
  return { headers: { ':method': 'POST', ...headers, [sensitiveHeaders]: [':path', 'authorization'] }, body }
}

function ask(session: ClientHttp2Session, headers: object, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...headers })
    let status = 0
    stream.on('response', ({ ':status': said = 0 }) => (status = said))
    stream.on('error', reject)
    stream.resume()
    stream.on('end', () => (status === 200 ? resolve() : reject(new Error(`HTTP ${status}`))))
    stream.end(body)
  })
}
