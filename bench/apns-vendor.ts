/** An APNs without TLS that takes everything after 20 ms, in a process of its own, so that neither side is measured with it. */
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

const latencyMs = 20
const server = createServer({ settings: { maxConcurrentStreams: 500 } })
server.on('stream', stream => {
  stream.on('error', () => {})
  stream.resume()
  stream.on('end', () => {
    setTimeout(() => {
      if (!stream.destroyed) stream.respond({ ':status': 200, 'apns-id': 'b6a1' }, { endStream: true })
    }, latencyMs)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`vendor on ${(server.address() as AddressInfo).port}\n`)
})
