/** A vendor on loopback that answers as it is told, and remembers what it was sent, byte for byte. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type Http2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'

export interface Arrived {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answer = (response: ServerResponse, request: Arrived) => void

export interface VendorServer {
  readonly url: string
  readonly arrived: Arrived[]
  answer: Answer
  close(): Promise<void>
}

/** With 'http/2' it speaks that alone, without TLS. */
export async function startVendorServer(protocol: 'http/1.1' | 'http/2' = 'http/1.1'): Promise<VendorServer> {
  const arrived: Arrived[] = []
  const sessions = new Set<Http2Session>()
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
      arrived.push(one)
      server.answer(response, one)
    })
  }
  // Node's own bridge gives requests and responses of HTTP/2 the form of those of HTTP/1.1
  const listening =
    protocol === 'http/2'
      ? // megabytes: what it holds of a reply that nobody reads counts until it is gone
        createHttp2Server({ maxSessionMemory: 100 }, (request, response) =>
          serve(request as unknown as IncomingMessage, response as unknown as ServerResponse),
        ).on('session', session => sessions.add(session))
      : createServer(serve)
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const server: VendorServer = {
    url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    arrived,
    answer: response => response.end(),
    close: () =>
      new Promise((resolve, reject) => {
        listening.close(error => (error ? reject(error) : resolve()))
        if ('closeAllConnections' in listening) listening.closeAllConnections()
        for (const session of sessions) session.destroy()
      }),
  }
  return server
}

export function say(status: number, body: string, headers: { readonly [name: string]: string } = {}): Answer {
  return response => response.writeHead(status, headers).end(body)
}
