/** What comes of a PostgreSQL server in any pieces is handed on in whole messages, and what is none as it is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inWholeMessages } from '../../shared/ledger/whole-messages.ts'

const messageOf = (type: number, body: Uint8Array) => {
  const head = Buffer.alloc(5)
  head.writeUInt8(type)
  head.writeUInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}
const anyMessage = fc
  .tuple(
    fc.integer({ min: 0x31, max: 0x7a }),
    // most are small, some larger than what is kept
    fc.oneof(
      { weight: 8, arbitrary: fc.uint8Array({ maxLength: 60 }) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 100_000, max: 3_000_000 }).map(size => new Uint8Array(size).fill(size)),
      },
    ),
  )
  .map(([type, body]) => messageOf(type, body))

/** As a socket does: as many bytes at a time as it has, and as fit. */
function read(bytes: Buffer, sizes: Iterator<number>, onMessages: (messages: Buffer) => void): void {
  const { buffer, callback } = inWholeMessages(onMessages)
  for (let at = 0; at < bytes.length; ) {
    const into = buffer()
    if (into.length === 0) throw new Error('no room to read into')
    const size = Math.min(into.length, sizes.next().value as number, bytes.length - at)
    bytes.copy(into, 0, at, at + size)
    callback(size)
    at += size
  }
}
const endlessly = function* (sizes: readonly number[]) {
  for (;;) yield* sizes
}
const anySizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300_000 })), {
  minLength: 1,
})

describe('what a server sends, in whole messages', () => {
  it('is all handed on, in its order, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { minLength: 1, maxLength: 12 }), anySizes, (messages, sizes) => {
        const bytes = Buffer.concat(messages)
        const ends = new Set(
          messages.map((_, index) => messages.slice(0, index + 1).reduce((sum, m) => sum + m.length, 0)),
        )
        // small steps through megabytes are many
        const steps = sizes.map(size => Math.max(size, Math.ceil(bytes.length / 5000)))
        const heard: Buffer[] = []
        let end = 0
        read(bytes, endlessly(steps), some => {
          heard.push(some)
          end += some.length
          expect(ends.has(end)).toBe(true)
        })
        // compared at the end: what came later was not written over what came before
        expect(Buffer.concat(heard).equals(bytes)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('is handed on as soon as it is whole', () => {
    const heard: Buffer[] = []
    const { buffer, callback } = inWholeMessages(messages => heard.push(messages))
    const say = (bytes: Buffer) => callback(bytes.copy(buffer()))
    const [first, second] = [messageOf(0x43, Buffer.from('one')), messageOf(0x5a, Buffer.from('I'))]
    say(Buffer.concat([first, second.subarray(0, 3)]))
    expect(heard).toEqual([first])
    say(second.subarray(3))
    expect(heard).toEqual([first, second])
  })

  it('is handed on as it is where it is another protocol: the client says what is wrong', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 3 }),
        fc.constantFrom('HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.6\r\n', 'E\0\0\0\x03zzz', 'N\0\0\0\0\0'),
        fc.uint8Array({ maxLength: 200 }),
        anySizes,
        (messages, other, rest, sizes) => {
          const bytes = Buffer.concat([...messages, Buffer.from(other, 'latin1'), rest])
          const steps = sizes.map(size => Math.max(size, Math.ceil(bytes.length / 5000)))
          const heard: Buffer[] = []
          read(bytes, endlessly(steps), some => void heard.push(some))
          expect(Buffer.concat(heard).equals(bytes)).toBe(true)
        },
      ),
    )
  })

  it('keeps little memory, whatever was in between', () => {
    const { buffer, callback } = inWholeMessages(() => {})
    const usual = buffer().length
    let most = 0
    const large = messageOf(0x44, new Uint8Array(20_000_000))
    for (let at = 0; at < large.length; ) {
      const into = buffer()
      most = Math.max(most, into.buffer.byteLength)
      const size = Math.min(into.length, large.length - at)
      large.copy(into, 0, at, at + size)
      callback(size)
      at += size
    }
    // as much as has come, at most twice: not what a length says that anybody can send
    expect(most).toBe(large.length)
    expect(buffer().buffer.byteLength).toBe(usual)
    const said = Buffer.from([0x44, 0x3f, 0xff, 0xff, 0xff])
    said.copy(buffer())
    callback(said.length)
    expect(buffer().buffer.byteLength).toBe(usual)
  })
})
