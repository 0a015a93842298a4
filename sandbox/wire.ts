/** HTTP of the sandbox: bodies in, JSON and pages out. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

const bodyAtMostBytes = 4 * 1024 * 1024

/** Null where it is over 4 MiB; it is read to its end all the same, so that the answer arrives. */
export async function readBody(request: IncomingMessage | Http2ServerRequest): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= bodyAtMostBytes) chunks.push(chunk)
  }
  return size <= bodyAtMostBytes ? Buffer.concat(chunks) : null
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/'
}

export function queryOf({ url = '/' }: { readonly url?: string | undefined }): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: { readonly [name: string]: string } = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(JSON.stringify(body))
}
