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
    ['a five-field cron', /cron: ".*"/, 'cron: "*/1 * * * *"', /:\d+ .*expire\.events\.0\.timer\.cron.*seven fields/],
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
    expect(all('AWS::SQS::Queue')).toHaveLength(1)
    expect(Resources.SweepLambdaFunction.Properties.DeadLetterConfig).toEqual({
      TargetArn: { 'Fn::GetAtt': ['SweepDeadLetters', 'Arn'] },
    })
    expect(all('AWS::Events::Rule').map(({ ScheduleExpression }) => ScheduleExpression)).toEqual([
      'rate(1 minute)',
      'rate(1 minute)',
    ])
  })

  it('gives every function on AWS a role of its own, with what it does and nothing else', async () => {
    const { Resources } = JSON.parse(
      await readFile(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
    )
    const grants = (name: string): { [action: string]: string[] } => {
      const { Role } = Resources[`${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`].Properties
      const [policy, ...more] = Resources[Role['Fn::GetAtt'][0]].Properties.Policies
      expect(more).toEqual([])
      const statements: { Effect: string; Action: string[]; Resource: unknown }[] = policy.PolicyDocument.Statement
      expect(new Set(statements.map(({ Effect }) => Effect))).toEqual(new Set(['Allow']))
      return Object.fromEntries(
        statements.map(({ Action, Resource }) => [
          Action.join(),
          [Resource].flat().map(resource => {
            const { 'Fn::Sub': text, 'Fn::GetAtt': attribute } = resource as {
              'Fn::Sub'?: string
              'Fn::GetAtt'?: string[]
            }
            // `::` is in the names of what is filled in
            return (
              text
                ?.replaceAll(/\$\{AWS::\w+\}/g, '')
                .split(':')
                .slice(5)
                .join(':') ??
              attribute?.join('.') ??
              ''
            )
          }),
        ]),
      )
    }
    const logs = (name: string) => ({
      'logs:CreateLogStream,logs:PutLogEvents': [`log-group:/aws/lambda/unpush-prod-${name}:*`],
    })
    const both = (...names: string[]) => names.flatMap(name => [`secret:${name}-??????`, `secret:${name}`])
    const known = [...both('unpush/ledger', 'unpush/access', 'unpush/apps'), 'secret:unpush/apps/*']
    expect(grants('dashboard')).toEqual({
      ...logs('dashboard'),
      'secretsmanager:GetSecretValue': both('unpush/ledger-public', 'unpush/ledger', 'unpush/access', 'unpush/policy'),
    })
    expect(grants('status')).toEqual({
      ...logs('status'),
      'secretsmanager:GetSecretValue': [...known, ...both('unpush/policy')],
    })
    expect(grants('revoke')).toEqual({
      ...logs('revoke'),
      'secretsmanager:GetSecretValue': [...known, ...both('unpush/policy', 'unpush/audit-mac')],
      'lambda:InvokeFunction': ['function:unpush-prod-sweep'],
    })
    expect(grants('sweep')).toEqual({
      ...logs('sweep'),
      'secretsmanager:GetSecretValue': [
        ...both('unpush/ledger-workers', 'unpush/ledger', 'unpush/apps'),
        'secret:unpush/apps/*',
        ...both('unpush/policy', 'unpush/audit-mac', 'unpush/audit-key', 'unpush/subscribers'),
        'secret:unpush/subscribers/*',
        ...both('unpush/webhooks'),
        'secret:unpush/webhooks/*',
      ],
      'sqs:SendMessage': ['SweepDeadLetters.Arn'],
    })
    const roles = entries.map(([name]) => {
      const actions = Object.entries(grants(name))
      expect(actions.flatMap(([, resources]) => resources)).not.toContain('*')
      return Resources[`${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`].Properties.Role['Fn::GetAtt'][0]
    })
    expect(new Set(roles).size).toBe(entries.length)
    expect(Resources.IamRoleLambdaExecution).toBeUndefined()
  })

  it('puts the functions on AWS into a VPC where one is named', async () => {
    const variables = { UNPUSH_AWS_SUBNETS: 'subnet-1,subnet-2', UNPUSH_AWS_SECURITY_GROUPS: 'sg-1' }
    const { code, output } = await cli.run(['package', '-c', 'serverless.aws.ts'], variables)
    expect(code, output).toBe(0)
    const { Resources } = JSON.parse(
      await readFile(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
    )
    expect(Resources.RevokeLambdaFunction.Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-1', 'subnet-2'],
      SecurityGroupIds: ['sg-1'],
    })
    expect(JSON.stringify(Resources.RevokeRole)).toContain('ec2:CreateNetworkInterface')
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
