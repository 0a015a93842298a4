/** A Push Kit that takes 20 ms for everything, in a process of its own, so that neither side is measured with it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const latencyMs = 20
const reply = JSON.stringify({ code: '80000000', msg: 'Success', requestId: '157278422841836431010901' })
/** Requests so far; `GET` tells it. */
let taken = 0

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(taken))
    return
  }
  taken += 1
  request.resume()
  request.on('end', () => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': reply.length })
      response.end(reply)
    }, latencyMs)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`vendor on ${(server.address() as AddressInfo).port}\n`)
})
