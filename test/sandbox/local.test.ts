/** What only this machine has: no page of another site uses it, and nobody else on the machine reads what it keeps. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('a page of another origin', () => {
  let service: Service
  beforeAll(async () => {
    service = await startService()
  })
  afterAll(() => service.close())

  const routes = [
    ['POST', '/_local/timers/sweep'],
    ['POST', '/_local/timers/expire'],
    ['POST', '/_local/timers/none'],
    ['POST', '/_sandbox/push'],
    ['POST', '/_sandbox/reset'],
    ['POST', '/_sandbox/campaigns'],
    ['POST', '/_sandbox/verdict'],
    ['PATCH', '/_sandbox/switches'],
    ['GET', '/_sandbox/state'],
    ['GET', '/_sandbox/events'],
    ['GET', '/_sandbox'],
    ['POST', '/_sandbox/tpns/v3/push/app'],
  ] as const
  /** By hand: fetch sets what a browser would say of a request. */
  const statusOf = (method: string, path: string, headers: { [name: string]: string }, body = '') =>
    new Promise<number>((resolve, reject) => {
      const asked = request(service.url + path, { method, headers }, reply => {
        reply.destroy()
        resolve(reply.statusCode ?? 0)
      })
      asked.once('error', reject)
      asked.end(body)
    })

  it('is refused everywhere, whatever it calls itself', async () => {
    const port = new URL(service.url).port
    const origins = fc.oneof(
      fc.webUrl({ withQueryParameters: false }).map(url => new URL(url).origin),
      fc.constantFrom(
        'null',
        'https://127.0.0.1',
        `https://127.0.0.1:${port}`,
        `http://localhost:${port}`,
        `http://127.0.0.1.example.com:${port}`,
        'http://127.0.0.1',
        `http://127.0.0.1:${port}0`,
        'file://',
        'chrome-extension://abc',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), origins, async ([method, path], origin) => {
        const body = method === 'GET' ? '' : '{}'
        const headers = { origin, ...(body === '' ? {} : { 'content-type': 'application/json' }) }
        expect(await statusOf(method, path, headers, body), `${method} ${path} ${origin}`).toBe(403)
      }),
      { numRuns: 60 },
    )
    for (const [method, path] of routes)
      for (const site of ['cross-site', 'same-site'])
        expect(await statusOf(method, path, { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' })).toBe(403)
  })

  it('sends no form, not even without an origin', async () => {
    for (const [method, path] of routes.filter(([, at]) => !at.startsWith('/_sandbox/tpns'))) {
      if (method === 'GET') continue
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
        for (const written of [type, type.toUpperCase(), `${type};charset=utf-8`])
          expect(await statusOf(method, path, { 'content-type': written }, 'a=b'), `${path} ${written}`).toBe(415)
    }
  })

  it('leaves the tools of this machine and the page of this origin as they are', async () => {
    expect(await statusOf('POST', '/_local/timers/expire', {})).toBe(200)
    expect(
      await statusOf('POST', '/_local/timers/expire', { origin: service.url, 'sec-fetch-site': 'same-origin' }),
    ).toBe(200)
    expect(await statusOf('POST', '/_local/timers/expire', { 'content-type': 'application/json' }, '{}')).toBe(200)
    expect(await statusOf('GET', '/_local/timers/expire', {})).toBe(405)
    expect(await statusOf('POST', '/_local/timers/none', {})).toBe(404)
    expect(await statusOf('POST', '/_local', {})).toBe(404)
    // a link from a mail or a chat
    expect(await statusOf('GET', '/_sandbox', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(
      200,
    )
    expect(await statusOf('GET', '/_sandbox', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toBe(200)
  })
})

describe('npm start', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-private-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const environment = (values: { [name: string]: string }) => ({ ...process.env, PORT: '0', ...values })

  it('keeps ledger, log and phones for its user alone, also what an older version left for everybody, and prints a line that takes back', async () => {
    const own = join(folder, '.unpush')
    await mkdir(join(own, 'ledger'), { recursive: true })
    for (const file of ['unpush.log', 'sandbox.json']) await writeFile(join(own, file), '')
    for (const file of [own, join(own, 'ledger'), join(own, 'unpush.log')]) await chmod(file, 0o777)
    // whatever the shell's own mask is
    const child = spawn('sh', ['-c', `umask 0; exec "${process.execPath}" --import tsx sandbox/main.ts`], {
      cwd: root,
      env: environment({ LEDGER_URL: `pglite:${join(own, 'ledger')}`, SECRETS: 'sandbox' }),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = new Promise(resolve => child.once('exit', resolve))
    let output = ''
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes('unpush ready')) resolve()
      })
      child.once('exit', code => reject(new Error(`ended with ${code}: ${output}`)))
    })
    try {
      const names = await readdir(own, { recursive: true })
      expect(names.length).toBeGreaterThan(100)
      const open: string[] = []
      for (const name of ['', ...names]) {
        const found = await stat(join(own, name)).catch(() => null)
        if (found !== null && (found.mode & 0o077) !== 0) open.push(`${name} ${found.mode.toString(8)}`)
      }
      expect(open).toEqual([])
      // the line for people takes the wrong push back, pasted anywhere in the clone and asked by nobody
      const [line = ''] = /^UNPUSH_URL=\S+ UNPUSH_KEY=\S+ npx unpush .*$/m.exec(output) ?? []
      const pasted = await new Promise<{ error: unknown; out: string; err: string }>(resolve => {
        const shell = execFile('bash', ['-c', line], { cwd: join(root, 'docs') }, (error, out, err) =>
          resolve({ error, out, err }),
        )
        shell.stdin?.end()
      })
      // 3: one vendor takes nothing off devices, and is stopped in place of the revoke
      expect(pasted.error, pasted.err).toMatchObject({ code: 3 })
      expect(pasted.out).toMatch(/^rcl_\w+ {2}revoke {2}Partly accepted\n/)
      expect(pasted.err).not.toContain('1,000,000')
    } finally {
      child.kill('SIGTERM')
      await exited
    }
  })

  it.each<[string, { [name: string]: string }, RegExp]>([
    [
      'a URL',
      { LEDGER_URL: 'postgres://u:canary#1@db:x/y' },
      /^LEDGER_URL is not valid: its host or port cannot be read\.$/,
    ],
    [
      'a server',
      { LEDGER_URL: 'postgres://u:canary#1@127.0.0.1:1/y' },
      /^The ledger cannot be reached \(ECONNREFUSED\)\. /,
    ],
    ['a port', { PORT: 'canary' }, /^PORT is not valid: it must be [^\n]+\.$/],
    ['a folder', { LEDGER_URL: `pglite:${join(root, 'package.json', 'canary')}` }, /^[^\n]+$/],
  ])('ends in one line where it cannot begin for %s', (what, values, words) => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'sandbox/main.ts'], {
      cwd: root,
      env: environment(values),
      encoding: 'utf8',
    })
    expect([status, stderr.trim().split('\n').length], stderr).toEqual([1, 1])
    expect(stderr.trim()).toMatch(words)
    if (what !== 'a folder') expect(stderr).not.toContain('canary')
  })
})
