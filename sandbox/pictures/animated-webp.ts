/**
 * Pictures in WebP, one after the other, as one animated WebP. A browser makes each picture; it makes no animation, and no package
 * for that runs without a compiler. Container: developers.google.com/speed/webp/docs/riff_container.
 */

export interface Frame {
  /** A whole WebP file of one picture, VP8 or VP8L, without transparency. */
  readonly webp: Uint8Array
  /** Where it lies on the frame before it, in pixels: even numbers. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly ms: number
}

/** Repeats for ever. */
export function animate(width: number, height: number, frames: readonly Frame[]): Buffer {
  const head = Buffer.concat([
    // flags: animation
    Buffer.from([2, 0, 0, 0]),
    threeBytes(width - 1),
    threeBytes(height - 1),
  ])
  // background white, no end
  const loop = Buffer.from([255, 255, 255, 255, 0, 0])
  const chunks = [chunk('VP8X', head), chunk('ANIM', loop), ...frames.map(frame => chunk('ANMF', frameOf(frame)))]
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from('RIFF'), size, body])
}

function frameOf({ webp, x, y, width, height, ms }: Frame): Buffer {
  if (x % 2 === 1 || y % 2 === 1) throw new Error('a frame begins at even numbers')
  return Buffer.concat([
    threeBytes(x / 2),
    threeBytes(y / 2),
    threeBytes(width - 1),
    threeBytes(height - 1),
    threeBytes(ms),
    // drawn over what is there, and left there
    Buffer.from([2]),
    pictureIn(webp),
  ])
}

/** The chunk that holds the picture. */
function pictureIn(webp: Uint8Array): Buffer {
  const bytes = Buffer.from(webp)
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const padded = size + (size % 2)
    if (name === 'VP8 ' || name === 'VP8L') return bytes.subarray(at, at + 8 + padded)
    at += 8 + padded
  }
  throw new Error('there is no picture in this WebP')
}

function chunk(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}

function threeBytes(value: number): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntLE(value, 0, 3)
  return bytes
}
