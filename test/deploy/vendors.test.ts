/** What a vendor costs those who do not use it: a file in each zip, which nobody opens, and nothing of a cold start. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundleFunction, unpack } from '../../deploy/bundle.ts'
import { allProviders, vendors } from '../../shared/providers/registry.ts'
import { withVendors } from '../support/more-vendors.ts'

const few = 2
const many = Math.max(6, vendors.names.length) + 6
const indexBytes = ({ files }: Bundle) => files['index.js']?.length ?? 0

describe.each(['sweep', 'revoke'] as const)('%s', name => {
  let folder = ''
  let small: Bundle
  let large: Bundle
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-vendors-'))
    small = await bundleFunction(name, [withVendors(few)])
    large = await bundleFunction(name, [withVendors(many)])
    await unpack(large, folder)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const vendorFiles = ({ inputs }: Bundle) =>
    Object.keys(inputs).filter(file => inputs[file]?.some(path => /providers\/[\w-]+\/index\.ts$/.test(path)))

  it('has a file for each vendor beside index.js', () => {
    expect(vendorFiles(small)).toHaveLength(few)
    expect(vendorFiles(large)).toHaveLength(many)
    expect(vendorFiles(large)).not.toContain('index.js')
    // named after the vendor, wherever it is
    expect(vendorFiles(large)).toEqual(expect.arrayContaining(vendors.names.map(vendor => `${vendor}.js`)))
  })
  it('compiles no more at a cold start, however many there are', () => {
    expect(indexBytes(large) / indexBytes(small)).toBeLessThanOrEqual(1.05)
    const require = createRequire(join(folder, 'index.js'))
    expect(typeof require('./index.js').main_handler).toBe('function')
    expect(Object.keys(require.cache).filter(path => path.startsWith(folder))).toEqual([join(folder, 'index.js')])
  })
  it('holds no word of a vendor in Chinese: none of its answers does', async () => {
    for (const { name: vendor, sentences } of await allProviders()) {
      // as esbuild writes them
      const escaped = Buffer.from(large.files[`${vendor}.js`] ?? []).toString()
      const text = escaped.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
      const [[english, chinese] = ['', '']] = Object.values(sentences)
      expect([text.includes(english), text.includes(chinese)], vendor).toEqual([true, false])
    }
  })
  it('grows by at most 10 KB a vendor', () => {
    expect((large.zip.length - small.zip.length) / (many - few)).toBeLessThanOrEqual(10 * 1024)
  })
})
