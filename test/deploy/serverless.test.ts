/** The Serverless CLI on our two configurations, without credentials, and in a Node that can reach no other machine. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { bundleAll } from '../../deploy/bundle.ts'
import { type FunctionEntry, functions } from '../../shared/functions.ts'
import { type ServerlessFolder, serverlessFolder } from '../support/serverless-cli.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const entries: [string, FunctionEntry][] = Object.entries(functions)
const zips = Object.keys(functions)
  .map(name => `${name}.zip`)
  .sort()

let cli: ServerlessFolder
let folder = ''
let yaml = ''
beforeAll(async () => {
  yaml = await readFile(join(root, 'serverless.yml'), 'utf8')
  cli = await serverlessFolder(yaml)
  folder = cli.folder
})
afterAll(() => cli.close())

const serverless = (...words: string[]) => cli.run(words)

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
    [
      'an unknown provider key',
      'stage: prod',
      'stage: prod\n  tags: {}',
      /:\d+ .*provider.*unrecognized property 'tags'/,
    ],
    [
      'half a domain',
      'stage: prod',
      'stage: prod\n  domain: { name: a.example }',
      /:\d+ .*provider\.domain.*certificateId/,
    ],
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

  it.each([
    ['deploy', 'serverless.yml', 'Set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY'],
    ['remove', 'serverless.yml', 'Set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY'],
    ['migrate', 'serverless.aws.ts', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ])('needs no credentials, and %s of %s says which it needs', async (command, file, words) => {
    const { code, output } = await serverless(command, '-c', file)
    expect(code).toBe(1)
    expect(output).toContain(words)
  })
})
