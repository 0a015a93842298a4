/**
 * What PGlite sends back, read where it lies (https://www.postgresql.org/docs/18/protocol-message-formats.html). Its own
 * parser copies each reply five times and makes a text of each value: for a batch of tokens more than the engine itself takes.
 */
import { messages, type PGlite, protocol } from '@electric-sql/pglite'

/** A value of a row, as its text. Null: it has none. */
export type Value = Buffer | null

/** What is kept between exchanges: enough for the batches of a claim. */
const keptBytes = 8 * 1024 * 1024

/** Exchanges with an engine, one at a time. */
export function createWire(database: Pick<PGlite, 'execProtocolRawStream'>) {
  let inbox = Buffer.allocUnsafeSlow(64 * 1024)
  let size = 0
  const onRawData = (chunk: Uint8Array) => {
    if (size + chunk.length > inbox.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (size + chunk.length))
      inbox.copy(larger, 0, 0, size)
      inbox = larger
    }
    // the engine writes over its own
    inbox.set(chunk, size)
    size += chunk.length
  }
  return {
    /**
     * Sends what ends in a Sync, and maps the rows of the reply; `read` must copy what it keeps. Rejects with PGlite's own
     * DatabaseError.
     */
    rows: async <Row>(message: Uint8Array, read: (values: readonly Value[]) => Row): Promise<Row[]> => {
      size = 0
      await database.execProtocolRawStream(message, { onRawData })
      const rows = rowsIn(inbox.subarray(0, size), read)
      if (inbox.length > keptBytes) inbox = Buffer.allocUnsafeSlow(64 * 1024)
      return rows
    },
  }
}

const dataRow = 'D'.charCodeAt(0)
const errorResponse = 'E'.charCodeAt(0)

function rowsIn<Row>(reply: Buffer, read: (values: readonly Value[]) => Row): Row[] {
  const rows: Row[] = []
  for (let at = 0; at < reply.length; at += 1 + reply.readInt32BE(at + 1)) {
    if (reply[at] === errorResponse) throw errorIn(reply)
    if (reply[at] === dataRow) rows.push(read(valuesAt(reply, at + 5)))
  }
  return rows
}

function valuesAt(reply: Buffer, start: number): Value[] {
  const values: Value[] = []
  let at = start + 2
  for (let left = reply.readInt16BE(start); left > 0; left--) {
    const length = reply.readInt32BE(at)
    at += 4
    values.push(length === -1 ? null : reply.subarray(at, at + length))
    if (length > 0) at += length
  }
  return values
}

function errorIn(reply: Buffer): Error {
  let found: Error | null = null
  new protocol.Parser().parse(reply, message => {
    if (message instanceof messages.DatabaseError) found ??= message
  })
  return found ?? new Error('PGlite failed, and does not say with what')
}
