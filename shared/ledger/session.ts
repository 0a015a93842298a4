/**
 * A session as our statements need it, whatever the database, its users and a pooler are set to. Poolers refuse most
 * settings in the startup packet, so these are made by a statement of their own before the first one: one exchange more for a
 * new connection, none for one that is open. It is waited for, since a pooler in transaction mode loses a statement that comes
 * while the answer to the one before is on its way.
 */
import type { Socket } from 'node:net'
import { LedgerUnreachable } from './unreachable.ts'

/** What a pooler passes on: the client library of Java sends these at every start. */
export const startupSettings = { DateStyle: 'ISO, MDY', TimeZone: 'UTC' }

export const statementTimeoutMs = 15_000

const settings: { readonly [name: string]: string } = {
  ...startupSettings,
  // compiling one of our short statements takes longer than any of them runs: a race of 200 admissions took 18 times as long
  jit: 'off',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
}

export type Limits = { readonly statement_timeout: number; readonly lock_timeout: number }
export const ordinaryLimits: Limits = { statement_timeout: statementTimeoutMs, lock_timeout: 2000 }
export const noLimits: Limits = { statement_timeout: 0, lock_timeout: 0 }

export interface SessionOptions {
  /** Milliseconds. Null: nothing is set, since behind a pooler in transaction mode it would be somebody else's session. */
  readonly limits: Limits | null
  /** Before the first statement. `pooled`: who answers is not who was connected to, since a pooler stands between. */
  readonly onSettled: (pooled: boolean) => void
  /** It may only be read. */
  readonly onStandby: () => void
}

/**
 * To be called before anybody listens to the socket: what the server says until it is ready is read here too, and the answer to
 * the settings is kept back. From then on the socket is as it was. What must not be (a standby, another
 * encoding, a start that was refused) ends it with LedgerUnreachable.
 */
export function settleSession(socket: Socket, { limits, onSettled, onStandby }: SessionOptions): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the socket as its own
  const emit: (this: Socket, event: string | symbol, ...values: unknown[]) => boolean = socket.emit
  let kept: Buffer = Buffer.alloc(0)
  let pid: number | null = null
  let dateStyle = 'ISO'
  let asked = false
  let pooled = false
  let settled = false

  /** True: the client is to hear of it. */
  const read = (type: string, body: Buffer): boolean => {
    switch (type) {
      case 'K':
        pid = body.readInt32BE(0)
        return true
      case 'S':
        checkStatus(body.toString('utf8').split('\0'))
        return !asked
      case 'E':
        throw new LedgerUnreachable(codeIn(body))
      case 'D':
        pooled = pid !== firstColumn(body)
        return false
      case 'Z':
        if (!asked && limits !== null) {
          asked = true
          socket.write(settingsMessage(limits))
          return false
        }
        // a pooler that keeps what we asked for would have days and months change places, silently
        if (!dateStyle.startsWith('ISO')) throw new LedgerUnreachable('DATESTYLE')
        settled = true
        if (asked) onSettled(pooled)
        return true
      default:
        return !asked
    }
  }
  const checkStatus = ([name, value = '']: readonly string[]): void => {
    if (name === 'server_encoding' && value !== 'UTF8') throw new LedgerUnreachable('NOT_UTF8')
    if (name === 'DateStyle') dateStyle = value
    if (/^(in_hot_standby|default_transaction_read_only)$/.test(name ?? '') && value === 'on') {
      onStandby()
      throw new LedgerUnreachable('25006')
    }
  }

  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    const [chunk] = values
    if (event !== 'data' || !Buffer.isBuffer(chunk)) return emit.call(socket, event, ...values)
    kept = Buffer.concat([kept, chunk])
    const heard: Buffer[] = []
    try {
      for (let end = endOfMessage(kept); end !== null; end = settled ? null : endOfMessage(kept)) {
        if (read(String.fromCharCode(kept[0] ?? 0), kept.subarray(5, end))) heard.push(kept.subarray(0, end))
        kept = kept.subarray(end)
      }
    } catch (error) {
      socket.emit = emit
      socket.destroy(error instanceof LedgerUnreachable ? error : new LedgerUnreachable('CONNECTION_GARBLED'))
      return true
    }
    if (settled) {
      socket.emit = emit
      if (kept.length > 0) heard.push(kept)
    }
    return heard.length === 0 ? true : emit.call(socket, 'data', Buffer.concat(heard))
  }
}

/** Null: not all of it is here. */
function endOfMessage(bytes: Buffer): number | null {
  const end = bytes.length < 5 ? Infinity : 1 + bytes.readUInt32BE(1)
  return bytes.length < end ? null : end
}

/** A simple query (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
function settingsMessage(limits: Limits): Buffer {
  const calls = Object.entries({ ...settings, ...limits }).map(
    ([name, value]) => `pg_catalog.set_config('${name}', '${value}', false)`,
  )
  const text = Buffer.from(`select pg_catalog.pg_backend_pid(), ${calls.join(', ')}\0`)
  const head = Buffer.from('Q\0\0\0\0')
  head.writeInt32BE(4 + text.length, 1)
  return Buffer.concat([head, text])
}

/** SQLSTATE, the field C of an ErrorResponse. */
function codeIn(body: Buffer): string {
  const field = body
    .toString('utf8')
    .split('\0')
    .find(text => text.startsWith('C'))
  return /^C([0-9A-Z]{5})$/.exec(field ?? '')?.[1] ?? 'CONNECTION_REFUSED'
}

/** Of a DataRow. */
function firstColumn(body: Buffer): number {
  return Number(body.toString('utf8', 6, 6 + body.readInt32BE(2)))
}
