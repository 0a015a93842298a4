/**
 * What a PostgreSQL server sends, read into memory that is kept, and handed on in whole messages
 * (https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS). Left to itself, each read brings
 * memory of its own, and a batch of push tokens that comes in several reads is put together in some more: so much that a
 * function which drains a million of them spends a quarter of its time on collecting it.
 */
/** A batch or two, as they come in one read. */
const leastBytes = 256 * 1024
/** What an unusual message took beyond is given back. */
const mostKeptBytes = 1024 * 1024
/** A type, then a length that counts itself. */
const headBytes = 5
/** The server's own bound, of a gigabyte (`PQ_LARGE_MESSAGE_LIMIT`). */
const mostLength = 0x3fff_ffff

/** The option `onread` of a socket. */
export interface Reading {
  /** Where the next bytes are to be put. */
  readonly buffer: () => Buffer
  /** So many came. */
  readonly callback: (bytes: number) => true
}

/** For a socket that speaks the protocol from its first byte on. `onMessages` hears of one or more, all whole, in memory of their own. */
export function inWholeMessages(onMessages: (messages: Buffer) => void): Reading {
  let kept = Buffer.allocUnsafeSlow(leastBytes)
  let size = 0
  let isPostgres = true
  return {
    buffer: () => kept.subarray(size),
    callback: bytes => {
      size += bytes
      const found = isPostgres ? wholeIn(kept.subarray(0, size)) : null
      // the client says best what is wrong with another protocol
      isPostgres = found !== null
      const { end, next } = found ?? { end: size, next: 0 }
      const messages = end === 0 ? null : Buffer.from(kept.subarray(0, end))
      const begun = kept.subarray(end, size)
      size = begun.length
      if (size === kept.length) kept = Buffer.concat([begun], Math.min(next, 2 * size))
      else if (kept.length > mostKeptBytes && next <= leastBytes) kept = Buffer.concat([begun], leastBytes)
      else begun.copy(kept)
      if (messages !== null) onMessages(messages)
      return true
    },
  }
}

/** Where the last whole message ends, and how long the next one is, as far as that is known. Null: these are no messages. */
function wholeIn(bytes: Buffer): { readonly end: number; readonly next: number } | null {
  let end = 0
  while (end + headBytes <= bytes.length) {
    const length = bytes.readUInt32BE(end + 1)
    if (length < 4 || length > mostLength) return null
    if (end + 1 + length > bytes.length) return { end, next: 1 + length }
    end += 1 + length
  }
  return { end, next: headBytes }
}
