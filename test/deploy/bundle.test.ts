import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Bundle, bundleAll } from '../../deploy/bundle.ts'
import { functions } from '../../shared/functions.ts'

const first: Bundle[] = await bundleAll()

describe('the bundles', () => {
  it('are the same bytes every time', async () => {
    const second = await bundleAll()
    for (const [index, { zip }] of first.entries())
      expect(Buffer.from(second[index]?.zip ?? []).equals(Buffer.from(zip))).toBe(true)
    expect(first.map(({ name }) => name)).toEqual(Object.keys(functions))
  })
  it.each(first.map(({ name, zip, code }) => ({ name, zip, code })))(
    '$name is small and needs no PGlite and no cloud SDK',
    ({ name, zip, code }) => {
      expect(zip.length).toBeLessThanOrEqual((name === 'dashboard' ? 250 : 120) * 1024)
      const text = Buffer.from(code).toString()
      expect(text).not.toMatch(/electric-sql|tencent-sdk/)
    },
  )
  it('load alone and answer an event', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unpush-bundle-'))
    try {
      const dashboard = first.find(({ name }) => name === 'dashboard')
      await writeFile(join(folder, 'index.js'), dashboard?.code ?? '')
      const event = JSON.stringify({ httpMethod: 'GET', path: '/livez', headers: {}, queryString: {}, body: '' })
      const script = `require('./index.js').main_handler(${event}, { getRemainingTimeInMillis: () => 9000, request_id: '1' }).then(reply => { process.stdout.write(JSON.stringify(reply)); process.exit() })`
      const reply = JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' }))
      expect(reply).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
