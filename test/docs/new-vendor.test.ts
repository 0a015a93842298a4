/**
 * docs/new-vendor.md, walked through with its made-up vendor in a copy of the repository: its folder, its stand-in and its subject
 * are enough, with one line besides and what `npm run` makes.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const root = fileURLToPath(new URL('../../', import.meta.url))
const page = await readFile(join(root, 'docs/new-vendor.md'), 'utf8')
const run = promisify(execFile)

const files = [...page.matchAll(/^`([\w./-]+)`:\n\n```ts\n([^]*?)^```$/gm)].map(([, path = '', text = '']) => ({
  path,
  text,
}))
const line = /^In `shared\/providers\/registry\.ts`:\n\n```ts\n(.*\n)```$/m.exec(page)?.[1] ?? ''
const commands = (/^```sh\n([^]*?)^```$/m.exec(page)?.[1] ?? '').trim().split('\n')
const places = /^(shared\/providers|sandbox\/vendors|test\/providers)\/knock\//
const generated = [
  'dashboard/openapi.json',
  'dashboard/words/vendors/handles.ts',
  'dashboard/words/vendors/names.ts',
  'dashboard/words/vendors/sentences.ts',
  'docs/command-line.md',
  'docs/command-line.zh-CN.md',
  'docs/vendors.md',
  'docs/vendors.zh-CN.md',
]
const registry = 'shared/providers/registry.ts'

let copy = ''
let before = new Map<string, string>()
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'unpush-new-vendor-'))
  const left = /(^|\/)(node_modules|\.git|\.serverless|\.unpush)$/
  await cp(root, copy, { recursive: true, filter: path => !left.test(path) })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  before = await snapshot()
  for (const { path, text } of files) {
    await mkdir(dirname(join(copy, path)), { recursive: true })
    await writeFile(join(copy, path), text)
  }
  const table = before.get(registry) ?? ''
  await writeFile(join(copy, registry), table.replace(/^(const loads\b[^]*?\n)(\}\n)/m, `$1${line}$2`))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

/** Every file of the copy by its path; what is built is not among them. */
async function snapshot(): Promise<Map<string, string>> {
  const found = await readdir(copy, { recursive: true, withFileTypes: true })
  const paths = found
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(copy.length + 1))
    .filter(path => !/^(node_modules|\.console|\.cli|\.ledger[\w-]*)\//.test(path))
  return new Map(
    await Promise.all(paths.map(async path => [path, await readFile(join(copy, path), 'latin1')] as const)),
  )
}

/** As it stands on the page: `npm run` and `npx` are both Node with a script of a package. */
async function command(written: string): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8'))
  const words = written.startsWith('npm run ')
    ? String(scripts[written.slice('npm run '.length)]).split(' ')
    : written.split(' ').slice(1)
  const [tool = '', ...rest] = words
  const { VITEST: _1, VITEST_MODE: _2, VITEST_POOL_ID: _3, VITEST_WORKER_ID: _4, TEST: _5, ...env } = process.env
  const { stdout } = await run(join(copy, 'node_modules/.bin', tool), rest, {
    cwd: copy,
    env: { ...env, UNPUSH_TEST_SOAK: 'off', NO_COLOR: '1' },
    maxBuffer: 1 << 26,
  })
  return stdout
}

describe('the way of a new vendor', () => {
  it('has a folder, a stand-in and a subject, all in their places, and one line', () => {
    expect(files.map(({ path }) => path).filter(path => !places.test(path))).toEqual([])
    const folders = new Set(files.map(({ path }) => dirname(path)))
    expect([...folders].sort()).toEqual(['sandbox/vendors/knock', 'shared/providers/knock', 'test/providers/knock'])
    expect(line.split('\n')).toHaveLength(2)
  })

  it('changes one line elsewhere, and what the commands of the page make', async () => {
    for (const made of commands.filter(one => /vendor-docs|openapi|cli-docs/.test(one))) await command(made)
    const after = await snapshot()
    const differs = [...after].flatMap(([path, text]) => (before.get(path) === text ? [] : [path]))
    expect(differs.filter(path => !places.test(path)).toSorted()).toEqual([...generated, registry].toSorted())
    expect([...before.keys()].filter(path => !after.has(path))).toEqual([])
    expect(after.get(registry)?.replace(line, '')).toBe(before.get(registry))
  })

  it('is in the API document, and asked for in the console, without a word about it there', async () => {
    const { paths, components } = JSON.parse(await readFile(join(copy, 'dashboard/openapi.json'), 'utf8'))
    const { stop, revoke } = { stop: paths['/v1/stop'].post, revoke: paths['/v1/revoke'].post }
    const target = { app: 'news-knock', campaignId: 'c_3kd81m2x' }
    const examplesOf = (operation: typeof stop) => operation.requestBody.content['application/json'].examples
    expect(examplesOf(stop).knock.value.target).toEqual(target)
    expect(examplesOf(revoke).knock).toBeUndefined()
    expect(examplesOf(paths['/v1/messages'].post).everywhere.value.targets).toContainEqual(target)
    expect([revoke.description, revoke['x-description-zh']]).toEqual([
      expect.stringContaining('Knock offers no revoke.'),
      expect.stringContaining('Knock 不提供撤回。'),
    ])
    expect(components.schemas.KnockTarget.required).toEqual(['app', 'campaignId'])
    for (const answer of ['RecallTarget', 'RecallEvent', 'Status'])
      expect(components.schemas[answer].properties).toHaveProperty('campaignId')
    const asked = `import { namesToAsk, looksLike } from './dashboard/console/handles.ts'
      const { tokens, handles } = namesToAsk('knock', () => '')
      console.log(JSON.stringify([tokens, handles.map(({ member, whole }) => [member, whole]), looksLike(handles[0], 'c_3kd81m2x')]))`
    await writeFile(join(copy, 'asked.ts'), asked)
    expect(JSON.parse(await command('npx tsx asked.ts'))).toEqual(['never', [['campaignId', true]], true])
    await rm(join(copy, 'asked.ts'))
  })

  it('ends in a vendor that keeps the contract', async () => {
    const suite = commands.find(one => one.includes('vitest')) ?? ''
    const told = await command(suite)
    expect(Number(/Tests\s+(\d+) passed/.exec(told)?.[1])).toBeGreaterThan(20)
    expect(told).not.toMatch(/\bfailed\b/)
  })

  it.runIf(soak)('passes every test that looks at all vendors, format, lint and types', async () => {
    await command('npx biome format .')
    await command('npx oxlint')
    await command('npx tsc')
    await writeFile(join(copy, 'test/walk.test.ts'), walk)
    const told = await command(
      'npx vitest run test/walk.test.ts test/layout.test.ts test/docs/vendors.test.ts test/docs/contract.test.ts test/notice-codes.test.ts test/service-codes.test.ts test/dashboard/openapi.test.ts test/providers test/sandbox/stand-ins.test.ts test/deploy/vendors.test.ts test/deploy/bundle.test.ts test/secrets test/vendor-mentions.test.ts test/console/handles.test.ts test/dashboard/documented-vendors.test.ts test/patterns.test.ts',
    )
    expect(told).toMatch(/Test Files +\d+ passed/)
    // its field, in a browser
    const shown = await command(
      'npx vitest run --config vitest.services.config.ts test/console/new-recall.services.test.ts',
    )
    expect(shown).toMatch(/Test Files +\d+ passed/)
  })
})

/** Its stop goes through the whole service, and a revoke falls to it. */
const walk = `import { afterAll, beforeAll, expect, it } from 'vitest'
import { standIn } from '../sandbox/vendors/knock/index.ts'
import { usualStandIns } from './support/sandbox.ts'
import { type Service, startService } from './support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService({ standIns: [...usualStandIns, standIn] })
})
afterAll(() => service.closeWhole())

it.each(['stop', 'revoke'])('%s', async operation => {
  const { campaignId } = service.sandbox.running(standIn).send({ app: 'news-knock', title: 't', content: 'b' }).answer
  const body = { target: { app: 'news-knock', campaignId }, reason: 'wrong link' }
  const options = { role: 'operator', headers: { prefer: 'wait=10' } } as const
  let { body: recall } = await service.call('POST', \`/v1/\${operation}\`, body, options)
  while (recall.state === 'running') recall = (await service.call('GET', recall.links.self, undefined, { role: 'viewer' })).body
  expect([recall.state, recall.targets[0].operation]).toEqual([operation === 'stop' ? 'done' : 'partial', 'stop'])
})
`
