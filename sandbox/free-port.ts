/** A port for a server of another program, which cannot be told to take any. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below those that Linux (from 32768) and macOS (from 49152) give to connections: none of them has it when the server comes, or comes back. */
const [first, last] = [20_000, 32_000]

/** On 127.0.0.1. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, last)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
