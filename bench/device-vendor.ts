/**
 * An FCM that takes 20 ms for everything, in a process of its own, and remembers which devices it was asked for. `node <this> <count>`:
 * of so many.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const latencyMs = 20
const reply = JSON.stringify({ name: 'projects/demo-project/messages/0:1795000000123456%31bd1c9631bd1c96' })
const login = JSON.stringify({ access_token: 'ya29.c.made', expires_in: 3599, token_type: 'Bearer' })
const before = Buffer.from('"token":"')
const most = Number(process.argv[2] ?? 0)

/** A bit for each device: the first eight characters of its token are its number. */
let seen = new Uint8Array(0)
let told = { requests: 0, devices: 0, twice: 0, logins: 0 }
const reset = () => {
  seen = new Uint8Array(Math.ceil(most / 8))
  told = { requests: 0, devices: 0, twice: 0, logins: 0 }
}
reset()

function take(body: Buffer): void {
  const found = body.indexOf(before)
  // the check of the credential is for no device
  if (found < 0) return
  const at = found + before.length
  const index = Number(body.toString('latin1', at, at + 8))
  const bit = 1 << (index & 7)
  told.requests += 1
  if (((seen[index >> 3] ?? 0) & bit) === 0) told.devices += 1
  else told.twice += 1
  seen[index >> 3] = (seen[index >> 3] ?? 0) | bit
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(told))
    if (request.url === '/reset') reset()
    return
  }
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const isLogin = request.url === '/token'
    if (isLogin) told.logins += 1
    else take(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces))
    const text = isLogin ? login : reply
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length }).end(text)
    }, latencyMs)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`vendor on ${(server.address() as AddressInfo).port}\n`)
})
