/**
 * The network to a database in another zone: carries connections to `TO` (`host:port`), and holds back what comes from there.
 * In a process of its own, so that neither side is measured with it. `PUT /<milliseconds>` on the second port sets how long.
 */
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

const [host = '', port = ''] = (process.env['TO'] ?? '').split(':')
let roundTripMs = 0

/** In order, and each chunk from when it came: those that follow one another closely do not add up. */
function carry(from: Socket, to: Socket): void {
  const held: { readonly chunk: Buffer | null; readonly dueAt: number }[] = []
  let waiting = false
  const pass = () => {
    waiting = false
    for (let next = held[0]; next !== undefined; next = held[0]) {
      const leftMs = next.dueAt - performance.now()
      if (leftMs > 0) {
        // timers come late by up to a millisecond, which is waited for awake
        waiting = true
        if (leftMs > 1) setTimeout(pass, Math.floor(leftMs))
        else setImmediate(pass)
        return
      }
      held.shift()
      if (next.chunk === null) to.end()
      else to.write(next.chunk)
    }
  }
  const hold = (chunk: Buffer | null) => {
    held.push({ chunk, dueAt: performance.now() + roundTripMs })
    if (!waiting) pass()
  }
  from.on('data', hold)
  from.on('end', () => hold(null))
}

const network = createServer({ noDelay: true, allowHalfOpen: true }, client => {
  const server = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true })
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on('error', () => other.destroy())
    socket.on('close', () => other.destroySoon())
  }
  client.on('data', chunk => server.write(chunk))
  client.on('end', () => server.end())
  carry(server, client)
})
const control = createHttpServer((request, response) => {
  roundTripMs = Number(request.url?.slice(1))
  response.end()
})

const portOf = (server: Server) => (server.address() as AddressInfo).port
network.listen(0, '127.0.0.1', () =>
  control.listen(0, '127.0.0.1', () => {
    process.stdout.write(`network on ${portOf(network)},${portOf(control)}\n`)
  }),
)
