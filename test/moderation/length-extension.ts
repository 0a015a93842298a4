/** What an eavesdropper can do to hex(SHA-256(secret ‖ text)) without the secret: append to the text and sign the whole. */
const roots = (power: number) => {
  const primes: number[] = []
  for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime !== 0)) primes.push(n)
  return primes.map(prime => Math.floor((prime ** power % 1) * 2 ** 32) | 0)
}
const constants = roots(1 / 3)
const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by))

/** The padding that SHA-256 puts behind `length` bytes. */
function paddingAfter(length: number): Buffer {
  const padding = Buffer.alloc(((119 - (length % 64)) % 64) + 9)
  padding[0] = 0x80
  padding.writeBigUInt64BE(BigInt(length) * 8n, padding.length - 8)
  return padding
}

function compress(state: readonly number[], block: Buffer): number[] {
  const words = Array.from({ length: 16 }, (_, i) => block.readInt32BE(i * 4))
  const at = (i: number) => words[i] ?? 0
  for (let i = 16; i < 64; i++) {
    const [x, y] = [at(i - 15), at(i - 2)]
    const first = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const second = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    words.push((at(i - 16) + first + at(i - 7) + second) | 0)
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i++) {
    const mixed = (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g))
    const one = (h + mixed + (constants[i] ?? 0) + at(i)) | 0
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g]
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + (state[i] ?? 0)) | 0)
}

/** `text` with something appended, and the digest of secret and all of it; `secretLength` is guessed. */
export function extend(
  digest: string,
  text: Buffer,
  secretLength: number,
  appended: string,
): { text: Buffer; digest: string } {
  const hashed = secretLength + text.length
  const glue = paddingAfter(hashed)
  const tail = Buffer.from(appended)
  const rest = Buffer.concat([tail, paddingAfter(hashed + glue.length + tail.length)])
  let state = Array.from({ length: 8 }, (_, i) => Buffer.from(digest, 'hex').readInt32BE(i * 4))
  for (let at = 0; at < rest.length; at += 64) state = compress(state, rest.subarray(at, at + 64))
  const bytes = Buffer.alloc(32)
  state.forEach((word, i) => bytes.writeInt32BE(word, i * 4))
  return { text: Buffer.concat([text, glue, tail]), digest: bytes.toString('hex') }
}
