/** A cloud's API on this machine: an HTTP server that collects whole requests and keeps what was wrong with them. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Arrived {
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Answered {
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly body: string
}

export interface StandIn {
  /** Without a path. */
  readonly origin: string
  close(): Promise<void>
}

/** `answer` may resolve with null: the connection is cut without a word. */
export async function standIn(answer: (arrived: Arrived) => Promise<Answered | null>): Promise<StandIn> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      void answer({ method, url, headers, body: Buffer.concat(chunks) }).then(answered => {
        if (answered === null) return request.socket.destroy()
        return response.writeHead(answered.status, answered.headers).end(answered.body)
      })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Whose key is whose. */
export interface Keyring {
  readonly [id: string]: { readonly key: string; readonly token?: string }
}
