/** The command line as it is installed: one file, started for real, without a terminal; its completion in a real bash. */
import { execFile, type ExecFileException, spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../../cli/build.ts'
import { commandNames, commandOf } from '../../cli/commands.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { columnsOf } from '../../cli/output/text.ts'
import { type Service, startService } from '../support/service.ts'
import { figure, soak } from '../support/figures.ts'

let folder = ''
let built = ''
let service: Service
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-cli-'))
  built = await buildCli(join(folder, 'cli'))
  service = await startService()
})
afterAll(() => Promise.all([service.close(), rm(folder, { recursive: true, force: true })]))

interface Ended {
  readonly exit: number
  readonly out: string
  readonly err: string
}

const environment = () => ({
  PATH: process.env['PATH'],
  HOME: folder,
  UNPUSH_URL: service.url,
  UNPUSH_KEY: service.keys.operator,
})
const start = (program: string, argv: readonly string[], variables: NodeJS.ProcessEnv = {}, cwd = folder) =>
  new Promise<Ended>(resolve => {
    const child = execFile(program, argv, { cwd, env: { ...environment(), ...variables } }, (error, out, err) =>
      resolve({ exit: exitOf(error), out, err }),
    )
    child.stdin?.end()
  })
const exitOf = (error: ExecFileException | null) => (error === null ? 0 : Number(error.code ?? 1))
const unpush = (argv: readonly string[], variables?: NodeJS.ProcessEnv) =>
  start(process.execPath, [built, ...argv], variables)

describe('what is built', () => {
  it('is one file of at most 150 KB packed that needs no package, and the same in two builds', async () => {
    const bytes = await readFile(built)
    // of which the words of each vendor, in both languages, are some 2 KB
    expect(gzipSync(bytes).length).toBeLessThan(150_000)
    expect(await readFile(await buildCli(join(folder, 'again')))).toEqual(bytes)
    const own = JSON.parse(await readFile(join(folder, 'cli', 'package.json'), 'utf8'))
    expect([own.bin, own.dependencies]).toEqual([{ unpush: 'unpush.js' }, undefined])
    // the folder of this test is outside of the tree: there are no packages above it
    expect((await unpush(['--version'])).out).toBe(`${packageJson.version}\n`)
  })

  it('is what npx runs in a clone, also from a subfolder, without a network', async () => {
    expect(packageJson.bin).toEqual({ unpush: '.cli/unpush.js' })
    expect(packageJson.scripts.prepare).toContain('cli/build.ts')
    // as `prepare` does it
    const clone = join(folder, 'clone')
    const bin = join(clone, 'node_modules', '.bin')
    await mkdir(bin, { recursive: true })
    await mkdir(join(clone, 'docs', 'deep'), { recursive: true })
    await writeFile(
      join(clone, 'package.json'),
      JSON.stringify({ name: 'unpush', version: '0.0.0', bin: packageJson.bin }),
    )
    await buildCli(join(clone, '.cli'))
    await symlink('../../.cli/unpush.js', join(bin, 'unpush'))
    for (const cwd of [clone, join(clone, 'docs', 'deep')]) {
      const ended = await start('npx', ['unpush', '--version'], { npm_config_offline: 'true' }, cwd)
      expect([ended.exit, ended.out], ended.err).toEqual([0, `${packageJson.version}\n`])
    }
  })

  it('loads little: help is there at once', async () => {
    const counter = join(folder, 'count.cjs')
    await writeFile(counter, 'process.on("exit", () => console.error("modules " + process.moduleLoadList.length))')
    const modules = async (argv: readonly string[]) => {
      const { err } = await start(process.execPath, ['--require', counter, ...argv])
      return Number(/modules (\d+)/.exec(err)?.[1])
    }
    const [bare, help] = [await modules(['-e', '0']), await modules([built, '--help'])]
    expect(bare).toBeGreaterThan(10)
    // no fetch, no readline, no child processes
    expect(help - bare).toBeLessThan(90)
  })

  it.runIf(soak)('starts in at most 2.5 times what bare node takes', context => {
    const time = (argv: readonly string[]) => {
      const began = performance.now()
      spawnSync(process.execPath, argv, { stdio: 'ignore' })
      return performance.now() - began
    }
    const pairs = Array.from({ length: 25 }, () => [time([built, '--help']), time(['-e', '0'])] as const)
    const median = (values: number[]) => values.sort((a, b) => a - b)[12] ?? 0
    const ratio = median(pairs.map(([own]) => own)) / median(pairs.map(([, bare]) => bare))
    figure(context, 'start of the command line (--help) over bare node', ratio.toFixed(2), '≤ 2.5')
    expect(ratio).toBeLessThanOrEqual(2.5)
  })
})

describe('without a terminal', () => {
  it('asks nothing, sends no escape, and lines up in 40 columns, whatever the terminal is called', async () => {
    for (const [index, title] of [
      '限时优惠：全场一元，链接填错了',
      'A very long title that no terminal of forty columns can hold',
      '今晚 game 👍🏽 提醒',
      '\u001b[31mred\u202e',
    ].entries())
      await service.call('POST', '/v1/messages', { id: `promo-${index}`, title })
    for (const variables of [
      { TERM: 'dumb', NO_COLOR: '1' },
      { TERM: 'xterm-256color', LANG: 'zh_CN.UTF-8' },
    ]) {
      for (const argv of [
        ['messages'],
        ['recalls'],
        ['revoke', '--message', 'promo-0'],
        ['whoami'],
        ['login'],
        ['doctor'],
      ]) {
        const { out, err } = await unpush(argv, { ...variables, COLUMNS: '40' })
        expect(`${out}${err}`, argv.join(' ')).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
        expect(err).not.toMatch(/\[y\/N\]|not shown|不回显/)
        if (argv[0] === 'messages')
          for (const line of out.trimEnd().split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(40)
      }
    }
    const { out } = await unpush(['messages'], { COLUMNS: '40' })
    // the second column begins at the same place in every line
    const starts = out
      .trimEnd()
      .split('\n')
      .map(line => /^\S+ +/.exec(line)?.[0].length)
    expect(new Set(starts).size).toBe(1)
  })

  it('hands whole documents to a pipe, and bears one that is closed', async () => {
    const piped = await start('bash', ['-c', `"${process.execPath}" "${built}" messages --json | head -c 1`])
    expect([piped.exit, piped.out, piped.err]).toEqual([0, '{', ''])
  })

  it('does what was asked for and ends as it would, whether or not anybody reads along', async () => {
    const command = (argv: string) => `"${process.execPath}" "${built}" ${argv}`
    for (const [index, unread] of ['2>&1 | true', '2>/dev/full'].entries()) {
      const tokens = service.sandbox.harmonyTokens().slice(0, 1)
      const targets = [{ app: 'news-harmony', notifyId: 780 + index, tokens }]
      await service.call('POST', '/v1/messages', { id: `unread-${index}`, targets })
      const argv = `revoke --message unread-${index} --reason r --yes --wait --timeout 20s`
      const ended = await start('bash', ['-c', `set -o pipefail; ${command(argv)} ${unread}`])
      const { items } = (await service.call('GET', `/v1/recalls?message=unread-${index}`)).body
      expect([ended.exit, items[0]?.state], unread).toEqual([0, 'done'])
    }
    const nobody = await start('bash', ['-c', `set -o pipefail; ${command('watch rcl_none --json')} 2>&1 | true`])
    expect(nobody.exit).toBe(8)
    const full = await start('bash', ['-c', `${command('whoami')} >/dev/full`])
    expect([full.exit, full.err]).toEqual([1, 'unpush: stdout: ENOSPC\n'])
  })
})

describe('Ctrl-C', () => {
  it('leaves the recall running, and says so', async () => {
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503' })
    const tokens = service.sandbox.harmonyTokens().slice(0, 2)
    service.sandbox.pushHarmony({ notifyId: 77, tokens, title: 't', body: 'b' })
    const target = { app: 'news-harmony', notifyId: 77, tokens }
    const { body } = await service.call('POST', '/v1/revoke', { target, reason: 'r' })
    expect(body.state).toBe('running')
    const child = spawn(process.execPath, [built, 'watch', body.id], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let err = ''
    const exit = new Promise<number | null>(resolve => child.once('exit', resolve))
    for await (const part of child.stderr) {
      err += String(part)
      if (err.includes(body.id) && !child.killed) child.kill('SIGINT')
    }
    expect([await exit, err]).toEqual([130, expect.stringContaining(`unpush watch ${body.id}`)])
    expect((await service.call('GET', `/v1/recalls/${body.id}`)).body.state).toBe('running')
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
    await service.call('POST', `/v1/recalls/${body.id}/cancel`, {})
  })
})

describe('completion', () => {
  let completion: string | null = null
  /** What bash would offer behind these words. */
  async function offered(...words: readonly string[]): Promise<string[]> {
    const bin = join(folder, 'bin')
    await mkdir(bin, { recursive: true })
    await writeFile(join(bin, 'unpush'), `#!/bin/sh\nexec "${process.execPath}" "${built}" "$@"\n`)
    await chmod(join(bin, 'unpush'), 0o755)
    await writeFile(join(folder, 'completion.bash'), (completion ??= (await unpush(['completion', 'bash'])).out))
    const script = `source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _unpush; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { exit, out, err } = await start('bash', ['-c', script, 'bash', ...words], {
      PATH: `${bin}:${process.env['PATH']}`,
    })
    expect([exit, err]).toEqual([0, ''])
    return out.split('\n').filter(word => word !== '')
  }

  it('in bash offers commands, flags, values and ids', async () => {
    expect(await offered('unpush', 'rev')).toEqual(['revoke', 'review'])
    expect(new Set(await offered('unpush', ''))).toEqual(new Set(commandNames()))
    for (const name of ['revoke', 'doctor', 'audit'] as const) {
      const flags = await offered('unpush', name, '--')
      for (const option of commandOf(name)?.options ?? []) expect(flags).toContain(`--${option}`)
      expect(flags).toContain('--json')
    }
    expect(await offered('unpush', '--lang', '')).toEqual(['en', 'zh'])
    expect(await offered('unpush', 'completion', 'f')).toEqual(['fish'])
    expect(await offered('unpush', 'revoke', '--reason', '')).toEqual([])
    const { body } = await service.call('GET', '/v1/recalls')
    const ids = body.items.map(({ id }: { id: string }) => id)
    expect(ids.length).toBeGreaterThan(0)
    for (const words of [['watch'], ['--profile', 'none', 'cancel'], ['--json', 'retry'], ['approve']]) {
      const known = words.includes('none') ? [] : ids
      expect(await offered('unpush', ...words, 'rcl_'), words.join(' ')).toEqual(known)
    }
    expect(await offered('unpush', 'revoke', '--app', 'news-h')).toEqual(['news-harmony'])
    expect(await offered('unpush', 'revoke', '--message', 'promo-1')).toEqual(['promo-1'])
    // as bash splits a word, and takes what stands behind the last colon
    await service.call('POST', '/v1/messages', { id: 'sale:2026:one' })
    expect(await offered('unpush', 'revoke', '--message', 'sale', ':', '2026', ':', '')).toEqual(['one'])
    expect(await offered('unpush', 'messages', '--app', 'news-android', 'sale', ':20')).toEqual(['2026:one'])
    await writeFile(join(folder, 'tokens-of-test.txt'), '')
    for (const words of [
      ['revoke', '--tokens'],
      ['audit', '--verify'],
      ['audit', '--verify', 'x'],
    ])
      expect(await offered('unpush', ...words, 'tokens-of')).toEqual(['tokens-of-test.txt'])
  })

  it('for zsh and fish names every command and flag', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { out } = await unpush(['completion', shell])
      for (const name of commandNames()) {
        expect(out).toContain(name)
        for (const option of commandOf(name)?.options ?? [])
          expect(out).toMatch(new RegExp(`-l ${option} |--${option}`))
      }
      expect(out).toContain('unpush __complete recalls')
      // quotes are even, so that no word of a description ends the script
      expect((out.replace(/\\'|'\\''/g, '').match(/'/g) ?? []).length % 2).toBe(0)
    }
  })

  it('is silent where there is no service', async () => {
    const { exit, out, err } = await unpush(['__complete', 'recalls'], { UNPUSH_URL: 'http://127.0.0.1:1' })
    expect([exit, out, err]).toEqual([0, '', ''])
  })
})
