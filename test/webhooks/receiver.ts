/** A subscriber's end of it: takes deliveries on this machine, and answers as it is told. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Taken {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly atMs: number
}

export interface Given {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
  /** No answer comes. */
  readonly silent?: boolean
}

export interface Receiver {
  readonly url: string
  readonly taken: Taken[]
  /** What the next ones get, by path; 200 where nothing is said. */
  answer: (taken: Taken) => Given
  /** Of one path. */
  at(path: string): Taken[]
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const taken: Taken[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        atMs: Date.now(),
      }
      taken.push(one)
      const { status = 200, headers = {}, body = '', silent = false } = receiver.answer(one)
      if (!silent) response.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    answer: () => ({}),
    at: path => taken.filter(one => one.path.split('?')[0] === path),
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return receiver
}

export const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** The event, as the published library verifies it. Throws where it is not genuine. */
export function verify(
  secret: string,
  { headers, body }: Pick<Taken, 'headers' | 'body'>,
): {
  readonly type: string
  readonly timestamp: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into events member by member
  readonly data: any
} {
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return new Webhook(secret).verify(body, named) as ReturnType<typeof verify>
}
