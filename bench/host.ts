/** Bundled functions behind one port, in a process that holds nothing else: `node host.cjs <folder> <name>=<prefix> …`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { encodeScfEvent } from '../shared/platform/scf-event.ts'

type Handler = (event: object, context: object) => Promise<unknown>

const limitMs = 60_000
const [folder = '', ...named] = process.argv.slice(2)
const hosted = named.map(entry => {
  const [name = '', prefix = ''] = entry.split('=')
  const { main_handler: handler } = require(join(folder, name, 'index.js')) as { main_handler: Handler }
  return { prefix, handler }
})

const serve = async (request: IncomingMessage, response: ServerResponse) => {
  const { method = '', url = '', headersDistinct: headers } = request
  const handler = hosted.find(({ prefix }) => url.startsWith(prefix))?.handler
  if (handler === undefined) return response.writeHead(404).end()
  const endsAt = Date.now() + limitMs
  const context = { time_limit_in_ms: limitMs, getRemainingTimeInMillis: () => endsAt - Date.now() }
  const event = url.startsWith('/timer/')
    ? { Type: 'Timer', TriggerName: url.slice('/timer/'.length), Time: new Date().toISOString(), Message: '' }
    : encodeScfEvent({ method, url, headers, body: await bodyOf(request) })
  const reply = ((await handler(event, context)) ?? {}) as { statusCode?: number; body?: string }
  return response.writeHead(reply.statusCode ?? 200).end(reply.body)
}

const server = createServer((request, response) => void serve(request, response))
server.listen(0, '127.0.0.1', () => console.log(`hosted on ${(server.address() as AddressInfo).port}`))

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
