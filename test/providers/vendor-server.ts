/** A vendor on loopback that answers as it is told, and remembers what it was sent, byte for byte. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Arrived {
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

export async function startVendorServer(): Promise<VendorServer> {
  const arrived: Arrived[] = []
  const http = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
      arrived.push(one)
      server.answer(response, one)
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const server: VendorServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    arrived,
    answer: response => response.end(),
    close: () =>
      new Promise((resolve, reject) => {
        http.close(error => (error ? reject(error) : resolve()))
        http.closeAllConnections()
      }),
  }
  return server
}

export function say(status: number, body: string, headers: { readonly [name: string]: string } = {}): Answer {
  return response => response.writeHead(status, headers).end(body)
}
