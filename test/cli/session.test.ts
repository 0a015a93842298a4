/** Profiles and keys: where they lie, who may read them, and which service a command goes to. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'
import { commandLine, type Typing } from '../support/command-line.ts'

let service: Service
let folder = ''
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())
beforeEach(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true })
  folder = await mkdtemp(join(tmpdir(), 'unpush-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const file = () => join(folder, 'unpush', 'config.json')
const unpush = (argv: readonly string[], typing: Typing = {}) =>
  commandLine(argv, { ...typing, variables: { XDG_CONFIG_HOME: folder, ...typing.variables } })
const login = (argv: readonly string[] = [], key: string = service.keys.operator) =>
  unpush(['login', service.url, ...argv], { input: `${key}\n` })

describe('login', () => {
  it('keeps what was tried, for its owner alone', async () => {
    const ended = await login()
    expect(ended.exit, ended.err).toBe(0)
    expect(ended.out).toMatch(/^Signed in: sandbox 127\.0\.0\.1:\d+ \(default\) as li\.wei\n$/)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    const who = await unpush(['whoami'])
    expect([who.exit, who.out]).toEqual([0, expect.stringContaining('operator')])
    expect((await unpush(['whoami', '--lang', 'zh'])).out).toContain('操作员')
    expect(`${ended.out}${ended.err}${who.out}`).not.toContain(service.keys.operator)
  })

  it('reads the key without echo at a terminal, and keeps none that is refused', async () => {
    const typed = await unpush(['login', service.url], { answers: [service.keys.viewer] })
    expect([typed.exit, typed.questions]).toEqual([0, [expect.stringContaining('not shown')]])
    const refused = await login(['--profile', 'other'], 'unpush_nonsense')
    expect(refused.exit).toBe(4)
    expect(await readFile(file(), 'utf8')).not.toContain('other')
  })

  it('takes a sender’s key, which may not read', async () => {
    expect((await login([], service.keys.sender)).exit).toBe(0)
  })

  it('asks for what is missing, and for nothing where nobody is', async () => {
    const asked = await unpush(['login'], { answers: [service.url, service.keys.operator] })
    expect([asked.exit, asked.questions.length]).toEqual([0, 2])
    for (const argv of [['login'], ['login', service.url]]) {
      await rm(file(), { force: true })
      const ended = await unpush([...argv, '--no-input'], { answers: ['x', 'y'] })
      expect([ended.exit, ended.questions]).toEqual([2, []])
    }
  })

  it('never takes another service’s profile', async () => {
    await login()
    await writeFile(
      file(),
      JSON.stringify({ profile: 'default', profiles: { default: { url: 'https://prod.example.com', key: 'k' } } }),
      { mode: 0o600 },
    )
    await login()
    const { profiles } = JSON.parse(await readFile(file(), 'utf8'))
    expect(profiles.default).toEqual({ url: 'https://prod.example.com', key: 'k' })
    expect(Object.keys(profiles).length).toBe(2)
  })
})

describe('which service', () => {
  it('is the profile that is named, then the environment, then the profile that was used last', async () => {
    await login(['--profile', 'one'])
    await login(['--profile', 'two'], service.keys.viewer)
    expect((await unpush(['whoami'])).out).toContain('zhao.min')
    const variables = { UNPUSH_URL: service.url, UNPUSH_KEY: service.keys.admin }
    expect((await unpush(['whoami'], { variables })).out).toContain('chen.jie')
    expect((await unpush(['whoami', '--profile', 'one'], { variables })).out).toContain('li.wei')
    // an empty variable is none
    expect((await unpush(['whoami'], { variables: { UNPUSH_URL: '', UNPUSH_KEY: '' } })).out).toContain('zhao.min')
    const keyFile = join(folder, 'key')
    await writeFile(keyFile, `${service.keys.approver}\n`)
    const fromFile = { UNPUSH_URL: service.url, UNPUSH_KEY_FILE: keyFile }
    expect((await unpush(['whoami'], { variables: fromFile })).out).toContain('wang.fang')
    expect((await unpush(['profiles'])).out).toMatch(/\n\*? +one .*\n\* +two /)
    expect((await unpush(['profiles', 'one'])).exit).toBe(0)
    expect((await unpush(['whoami'])).out).toContain('li.wei')
  })

  it('is never half of one and half of another', async () => {
    await login()
    const ended = await unpush(['whoami'], { variables: { UNPUSH_KEY: service.keys.admin } })
    expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining('UNPUSH_URL')])
    const keyless = await unpush(['whoami'], { variables: { UNPUSH_URL: service.url } })
    expect(keyless.exit).toBe(4)
  })

  it('is refused where the file is open to others, or the address is not safe', async () => {
    await login()
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(file(), mode)
      const ended = await unpush(['whoami'])
      expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining('chmod 600')])
    }
    for (const url of [
      'http://unpush.example.com',
      'ftp://x',
      'https://a:b@x',
      'https://x/?q=1',
      'https://x/#/r',
      'nothing',
    ]) {
      const ended = await unpush(['whoami'], { variables: { UNPUSH_URL: url, UNPUSH_KEY: 'k' } })
      expect(ended.exit, url).toBe(2)
    }
    const withBreak = await unpush(['whoami'], { variables: { UNPUSH_URL: service.url, UNPUSH_KEY: 'a b' } })
    expect(withBreak.exit).toBe(2)
  })

  it('is told where there is none, or its file is none', async () => {
    expect((await unpush(['whoami'])).exit).toBe(4)
    await mkdir(dirname(file()), { recursive: true })
    for (const text of ['', '{', '[]', '{"profiles":{"a":{"url":1}}}', 'null']) {
      await writeFile(file(), text, { mode: 0o600 })
      expect((await unpush(['whoami'])).exit, text).toBe(text === '[]' ? 4 : 2)
    }
    await rm(file())
    await login(['--profile', 'one'])
    const unknown = await unpush(['whoami', '--profile', 'two'])
    expect([unknown.exit, unknown.err]).toEqual([2, expect.stringContaining('one')])
    expect((await unpush(['logout', '--profile', 'one'])).exit).toBe(0)
    expect(await readFile(file(), 'utf8')).not.toContain(service.keys.operator)
    expect((await unpush(['logout'])).exit).toBe(8)
  })
})

describe('open', () => {
  it('leads to the recall’s own page', async () => {
    await login()
    const id = 'rcl_06ckw2m3v4qw2e8r9t0y1s2d3f'
    const opened = await unpush(['open', `${service.url}/#/recalls/${id}`], { answers: [] })
    expect([opened.out, opened.opened]).toEqual([
      `${service.url}/#/recalls/${id}\n`,
      [`${service.url}/#/recalls/${id}`],
    ])
    expect((await unpush(['open', id])).opened).toEqual([])
    expect((await unpush(['open', 'msg_1'])).exit).toBe(2)
  })
})
