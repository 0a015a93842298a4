/** The Serverless CLI on our two configurations, without credentials, and in a Node that can reach no other machine. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { bundleAll } from '../../deploy/bundle.ts'
import { type FunctionEntry, functions } from '../../shared/functions.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const entries: [string, FunctionEntry][] = Object.entries(functions)
const zips = Object.keys(functions)
  .map(name => `${name}.zip`)
  .sort()

/** Ends a process that asks for a name or another machine; a socket in the file system, which tsx uses, it lets pass. */
const noNetwork = `
const refuse = what => { console.error('NETWORK ' + what); process.exit(99) }
require('dns').lookup = refuse
const { Socket } = require('net')
const { connect } = Socket.prototype
Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0]
  if (typeof options === 'number' || options?.port !== undefined) refuse(JSON.stringify(options))
  return connect.apply(this, given)
}`

let folder = ''
let yaml = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-serverless-'))
  yaml = await readFile(join(root, 'serverless.yml'), 'utf8')
  for (const name of ['node_modules', 'deploy', 'shared', 'package.json', 'serverless.aws.ts']) {
    await symlink(join(root, name), join(folder, name))
  }
  await writeFile(join(folder, 'no-network.cjs'), noNetwork)
  await writeFile(join(folder, 'serverless.yml'), yaml)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Finished {
  readonly code: number
  readonly output: string
}

function serverless(...words: string[]): Promise<Finished> {
  const cli = join(root, 'node_modules/serverless/bin/serverless.js')
  const environment = { PATH: process.env['PATH'], HOME: folder, NODE_OPTIONS: '--require ./no-network.cjs' }
  return new Promise(resolve => {
    execFile(process.execPath, [cli, ...words], { cwd: folder, env: environment }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })
}

describe('serverless print', () => {
  it('resolves serverless.yml to the functions of the file', async () => {
    const { code, output } = await serverless('print', '--region', 'ap-shanghai')
    expect(code, output).toBe(0)
    const printed = parse(output)
    expect(Object.keys(printed.functions)).toEqual(Object.keys(functions))
    expect(printed.provider).toMatchObject({ name: 'tencent', region: 'ap-shanghai' })
  })

  const spoiled: [what: string, from: string | RegExp, to: string, says: RegExp][] = [
    ['a five-field cron', /cron: ".*"/, 'cron: "*/1 * * * *"', /:\d+ .*sweep\.events\.0\.timer\.cron.*seven fields/],
    [
      'an unknown event',
      'http: { path: /v1/stop }',
      'apigw: { path: /v1/stop }',
      /:\d+ .*stop.*unsupported function event/,
    ],
    ['an unknown event key', '/v1/stop }', '/v1/stop, method: GET }', /:\d+ .*stop.*unrecognized property 'method'/],
    [
      'an unknown function key',
      'timeout: 120',
      'timeout: 120\n    memory: 1',
      /:\d+ .*sweep.*unrecognized property 'memory'/,
    ],
    ['a missing region', / {2}region: .*\n/, '', /:\d+ .*provider.*required property 'region'/],
    ['a missing timeout', / {4}timeout: 120\n/, '', /:\d+ .*sweep.*required property 'timeout'/],
    ['a memory that SCF has not', 'memorySize: 512', 'memorySize: 500', /:\d+ .*sweep\.memorySize.*multiple of 128/],
    ['an unknown top-level key', 'functions:', 'custm: 1\nfunctions:', /:\d+ .*unrecognized property 'custm'/],
  ]
  it.each(spoiled)('refuses %s with its line', async (what, from, to, says) => {
    const text = yaml.replace(from, to)
    expect(text).not.toBe(yaml)
    const file = `${what.replaceAll(' ', '-')}.yml`
    await writeFile(join(folder, file), text)
    const { code, output } = await serverless('print', '-c', file)
    expect(code).toBe(1)
    expect(output).toMatch(says)
    // the line it names is the first that was changed, or the block that lacks something
    const line = Number(new RegExp(`${file}:(\\d+)`).exec(output)?.[1])
    const changed = text.split('\n').findIndex((content, index) => content !== yaml.split('\n')[index]) + 1
    expect(Math.abs(line - changed)).toBeLessThanOrEqual(2)
  })
})

describe('serverless package', () => {
  it('makes the zips of deploy/bundle.ts, and nothing else', async () => {
    const { code, output } = await serverless('package')
    expect(code, output).toBe(0)
    expect((await readdir(join(folder, '.serverless'))).sort()).toEqual(zips)
    for (const { name, zip } of await bundleAll()) {
      const packaged = await readFile(join(folder, '.serverless', `${name}.zip`))
      expect(packaged.equals(Buffer.from(zip)), name).toBe(true)
    }
  })

  it('makes CloudFormation for AWS that equals the table, beside the same zips', async () => {
    const { code, output } = await serverless('package', '-c', 'serverless.aws.ts')
    expect(code, output).toBe(0)
    expect((await readdir(join(folder, '.serverless'))).filter(name => name.endsWith('.zip')).sort()).toEqual(zips)
    const { Resources } = JSON.parse(
      await readFile(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
    )
    const resources: { Type: string; Properties: { [name: string]: unknown } }[] = Object.values(Resources)
    const all = (type: string) =>
      resources.filter(({ Type }) => Type === type).map(({ Properties: properties }) => properties)

    expect(
      all('AWS::Lambda::Function').map(({ FunctionName, Handler, Runtime, Timeout, MemorySize }) => ({
        FunctionName,
        Handler,
        Runtime,
        Timeout,
        MemorySize,
      })),
    ).toEqual(
      entries.map(([name, { routes, timeoutSeconds, memoryMb }]) => ({
        FunctionName: `unpush-prod-${name}`,
        Handler: 'index.main_handler',
        Runtime: 'nodejs24.x',
        Timeout: routes.length > 0 ? Math.min(timeoutSeconds, 29) : timeoutSeconds,
        MemorySize: memoryMb,
      })),
    )
    const paths = entries.flatMap(([, { routes }]) => routes.map(({ path }) => `ANY ${path}`))
    expect(new Set(all('AWS::ApiGatewayV2::Route').map(({ RouteKey }) => RouteKey))).toEqual(
      new Set([...paths, '$default']),
    )
    expect(all('AWS::Events::Rule').map(({ ScheduleExpression }) => ScheduleExpression)).toEqual(['rate(1 minute)'])
  })

  it.each([['serverless.yml'], ['serverless.aws.ts']])(
    'is all it does with %s: deploying is refused in one line',
    async file => {
      for (const command of ['deploy', 'remove']) {
        const { code, output } = await serverless(command, '-c', file)
        expect(code).toBe(1)
        expect(output).toContain(`"serverless ${command}" is not in this version`)
      }
    },
  )
})
