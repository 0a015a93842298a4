/** The pictures of the documents: there, in both languages, light enough, and the recordings as long as they claim. */
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { animate } from '../../sandbox/pictures/animated-webp.ts'

const root = new URL('../../', import.meta.url)
const drawn = await readdir(new URL('docs/pictures/', root))

/** Chunks of a RIFF file, each whole. */
function chunksOf(file: Buffer): { readonly name: string; readonly data: Buffer }[] {
  expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 12)).toBe('RIFFWEBP')
  expect(file.readUInt32LE(4)).toBe(file.length - 8)
  const chunks = []
  for (let at = 12; at < file.length; ) {
    const size = file.readUInt32LE(at + 4)
    expect(at + 8 + size).toBeLessThanOrEqual(file.length)
    chunks.push({ name: file.toString('latin1', at, at + 4), data: file.subarray(at + 8, at + 8 + size) })
    at += 8 + size + (size % 2)
  }
  return chunks
}

/** Of one pixel, without loss. */
const pixel = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64')

describe('an animated WebP', () => {
  it('holds each picture whole, where and for how long it was said', () => {
    const frames = [
      { webp: pixel, x: 0, y: 0, width: 1, height: 1, ms: 700 },
      { webp: pixel, x: 258, y: 70_000, width: 1, height: 1, ms: 16_000 },
    ]
    const [head, loop, ...rest] = chunksOf(animate(900, 70_001, frames))
    expect([head?.name, head?.data.readUIntLE(4, 3), head?.data.readUIntLE(7, 3)]).toEqual(['VP8X', 899, 70_000])
    expect([head?.data[0], loop?.name, loop?.data.readUInt16LE(4)]).toEqual([2, 'ANIM', 0])
    expect(
      rest.map(({ name, data }) => [
        name,
        data.readUIntLE(0, 3) * 2,
        data.readUIntLE(3, 3) * 2,
        data.readUIntLE(12, 3),
        data.toString('latin1', 16, 20),
        data.subarray(16).equals(pixel.subarray(12)),
      ]),
    ).toEqual(frames.map(({ x, y, ms }) => ['ANMF', x, y, ms, 'VP8L', true]))
  })
  it('begins no frame between two pixels', () => {
    expect(() => animate(2, 2, [{ webp: pixel, x: 1, y: 0, width: 1, height: 1, ms: 1 }])).toThrow('even')
  })
})

describe('the pictures', () => {
  it('of README are two stills and a recording in each language', async () => {
    for (const [file, language] of [
      ['README.md', 'en'],
      ['README.zh-CN.md', 'zh'],
      ['docs/console.md', 'en'],
      ['docs/console.zh-CN.md', 'zh'],
    ] as const) {
      const text = await readFile(new URL(file, root), 'utf8')
      const shown = [...text.matchAll(/!\[[^\]]{8,}\]\((?:docs\/)?pictures\/([^)]+)\)/g)].map(([, name = '']) => name)
      expect(shown.length, file).toBe(file.startsWith('README') ? 2 : 1)
      for (const name of shown) {
        expect(drawn).toContain(name)
        expect(name).toContain(`.${language}.`)
      }
    }
  })
  it.each(drawn)('%s is light, and a recording runs for about twenty seconds', async name => {
    const file = await readFile(new URL(`docs/pictures/${name}`, root))
    const frames = chunksOf(file).filter(chunk => chunk.name === 'ANMF')
    if (!name.startsWith('recording.')) return expect(file.length).toBeLessThan(150_000)
    expect(file.length).toBeLessThan(600_000)
    const ms = frames.reduce((sum, { data }) => sum + data.readUIntLE(12, 3), 0)
    expect(ms).toBeGreaterThan(14_000)
    expect(ms).toBeLessThan(26_000)
  })
})
