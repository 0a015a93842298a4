/**
 * Push Kit and TPNS behind one loopback port, reduced to what a recall asks of them, with a memory: every act that came,
 * with the bytes it came in, and whether it was said yes to. It lives in the harness, so that it outlives what it kills.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Act {
  /** `huawei:<notifyId>:<first token>` or `tpns:<pushId>`: one unit of work. */
  readonly unit: string
  /** SHA-256 of the body: a repeat must be the same request. */
  readonly digest: string
  /** Of the credential it came with. */
  readonly keyId: string | null
  /** Null: not answered yet, or never. */
  said: 'yes' | 'no' | null
}

/** What a test wants done with an act: say yes, say no for good, refuse the credential, or never answer. */
export type Verdict = 'yes' | 'refuse' | 'auth' | 'silence'

export interface Vendor {
  readonly url: string
  readonly acts: Act[]
  /** Asked for every act once its body is there. */
  judge: (act: Act) => Verdict | Promise<Verdict>
  close(): Promise<void>
}

export async function startVendor(): Promise<Vendor> {
  const revoked = new Set<string>()
  const server = createServer((request, response) => {
    response.on('error', () => {})
    void serve(request, response).catch(() => response.destroy())
  })
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(request)
    const path = request.url ?? ''
    const parsed = JSON.parse(body)
    if (path.endsWith('/get_push_record')) {
      const status = revoked.has(String(parsed.pushId)) ? 'PUSH_REVOKED' : 'PUSH_FINISHED'
      const record = { pushId: String(parsed.pushId), status, pushType: 'all', messageType: 'notify' }
      return reply(response, { retCode: 0, errMsg: 'NO_ERROR', pushRecordData: [record] })
    }
    const huawei = path.endsWith('/messages:revoke')
    // the daily check of the credential: no device is meant, and no act is made
    if (huawei && parsed.notifyId === 2_147_483_647)
      return reply(response, { code: '80300007', msg: 'all tokens are invalid', requestId: '1' })
    const unit = huawei ? `huawei:${parsed.notifyId}:${parsed.token[0]}` : `tpns:${parsed.pushId}`
    const digest = createHash('sha256').update(body).digest('hex')
    const act: Act = { unit, digest, keyId: keyIdOf(request), said: null }
    vendor.acts.push(act)
    const verdict = await vendor.judge(act)
    if (verdict === 'silence') return
    act.said = verdict === 'yes' ? 'yes' : 'no'
    if (verdict === 'yes' && !huawei) revoked.add(String(parsed.pushId))
    const [push, task] = replies[verdict]
    return reply(response, huawei ? push : task)
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const vendor: Vendor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acts: [],
    judge: () => 'yes',
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return vendor
}

/** Push Kit's and TPNS's words for each verdict. */
const replies: { readonly [V in Exclude<Verdict, 'silence'>]: readonly [object, object] } = {
  yes: [
    { code: '80000000', msg: 'Success', requestId: '1' },
    { retCode: 0, errMsg: 'NO_ERROR' },
  ],
  refuse: [
    { code: '80100001', msg: 'a parameter is not valid', requestId: '1' },
    { retCode: 1008015, errMsg: 'push id not exist' },
  ],
  auth: [
    { code: '80200001', msg: 'authentication failed', requestId: '1' },
    { retCode: 1008003, errMsg: 'auth failure' },
  ],
}

function reply(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}

/** `kid` of a Push Kit JWT; TPNS signs each request instead. */
function keyIdOf(request: IncomingMessage): string | null {
  const head = /^Bearer ([^.]+)\./.exec(request.headers.authorization ?? '')?.[1]
  return head === undefined ? null : JSON.parse(Buffer.from(head, 'base64url').toString()).kid
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
