/**
 * What answers where a PostgreSQL is expected, and wants nothing but the password: it offers TLS or does not, asks for the
 * password in clear, and keeps all it is told.
 */
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Certificate } from './certificate.ts'

export interface PostgresStandIn {
  readonly port: number
  /** Everything it was sent that was not TLS, and everything that was inside of TLS. */
  heard(): string
  close(): Promise<void>
}

export interface StandInOptions {
  /** Null: it answers N, as a server without TLS does. */
  readonly tls: Certificate | null
  /** Goes out together with the answer to the request for TLS. */
  readonly stuffing?: Buffer
}

const askForPassword = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])
const fields = Buffer.from('SFATAL\0C28P01\0Mthat is not it\0\0')
const refusal = Buffer.concat([Buffer.from([0x45, 0, 0, 0, 4 + fields.length]), fields])

export async function startPostgresStandIn({ tls, stuffing }: StandInOptions): Promise<PostgresStandIn> {
  const heard: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    const talk = (stream: Socket): void => {
      stream.on('error', () => {})
      stream.on('data', (bytes: Buffer) => heard.push(bytes))
      stream.once('data', () => {
        stream.write(askForPassword)
        stream.once('data', () => stream.end(refusal))
      })
    }
    socket.once('data', (first: Buffer) => {
      const wantsTls = first.length === 8 && first.readInt32BE(4) === 80_877_103
      if (!wantsTls || tls === null) {
        heard.push(first)
        talk(socket)
        socket.write(Buffer.concat([Buffer.from(wantsTls ? 'N' : ''), askForPassword]))
        return
      }
      socket.write(Buffer.concat([Buffer.from('S'), stuffing ?? Buffer.alloc(0)]))
      const secureContext = createSecureContext({ key: tls.key, cert: tls.certificate })
      talk(new TLSSocket(socket, { isServer: true, secureContext }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => Buffer.concat(heard).toString('latin1'),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
