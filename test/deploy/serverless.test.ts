/** The Serverless CLI on our two configurations, without credentials, and in a Node that can reach no other machine. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { bundleAll } from '../../deploy/bundle.ts'
import { leavesWork, secretsOf } from '../../deploy/roles.ts'
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

  /** `near`: in the file when all is spoiled, at most two lines from the one that is named. */
  const spoiled: [what: string, from: string | RegExp, to: string, says: RegExp, near: string][] = [
    [
      'an unknown event',
      'http: { path: /v1/stop }',
      'apigw: { path: /v1/stop }',
      /stop.*unsupported function event/,
      'apigw:',
    ],
    [
      'an unknown event key',
      '/v1/overlay }',
      '/v1/overlay, method: GET }',
      /overlay.*unrecognized property 'method'/,
      'method: GET',
    ],
    [
      'a five-field cron',
      /cron: ".*"/,
      'cron: "*/1 * * * *"',
      /expire\.events\.0\.timer\.cron.*seven fields/,
      'cron: "*/1 * * * *"',
    ],
    ['a missing timeout', / {4}timeout: 60\n/, '', /expire.*required property 'timeout'/, '  expire:'],
    [
      'an unknown function key',
      'timeout: 120',
      'timeout: 120\n    memory: 1',
      /sweep.*unrecognized property 'memory'/,
      'memory: 1',
    ],
    [
      'a memory that SCF has not',
      'memorySize: 512',
      'memorySize: 500',
      /sweep\.memorySize.*multiple of 128/,
      'memorySize: 500',
    ],
    ['a missing region', / {2}region: .*\n/, '', /provider.*required property 'region'/, 'provider:'],
    [
      'an unknown provider key',
      'stage: prod',
      'stage: prod\n  tags: {}',
      /provider.*unrecognized property 'tags'/,
      'tags: {}',
    ],
    [
      'half a domain',
      'stage: prod',
      'stage: prod\n  domain: { name: a.example }',
      /provider\.domain.*certificateId/,
      'domain: {',
    ],
    ['an unknown top-level key', 'functions:', 'custm: 1\nfunctions:', /unrecognized property 'custm'/, 'custm: 1'],
  ]
  it('refuses every slip with its line', async () => {
    let text = yaml
    for (const [what, from, to] of spoiled) {
      const more = text.replace(from, to)
      expect(more, what).not.toBe(text)
      text = more
    }
    await writeFile(join(folder, 'spoiled.yml'), text)
    // one start of the CLI for all: starting it is what takes long
    const { code, output } = await serverless('print', '-c', 'spoiled.yml')
    expect(code).toBe(1)
    const told = [...output.matchAll(/spoiled\.yml:(\d+) at (.*)/g)].map(([, line, words = '']) => ({
      line: Number(line),
      words,
    }))
    expect(told, output).toHaveLength(spoiled.length)
    for (const [what, , , says, near] of spoiled) {
      const found = told.find(({ words }) => says.test(words))
      const changed = text.split('\n').findIndex(content => content.includes(near)) + 1
      expect(Math.abs((found?.line ?? Infinity) - changed), `${what}: ${output}`).toBeLessThanOrEqual(2)
    }
  })
})

describe('serverless roles', () => {
  it('shows one role for each class on SCF, with what its functions need and nothing else', async () => {
    const { code, output } = await serverless('roles', '--uin', '100000000001')
    expect(code, output).toBe(0)
    const shown = [...output.matchAll(/^unpush-(\w+):\n(\{[\s\S]*?^\})/gm)].map(([, name = '', policy = '']) => [
      name,
      JSON.parse(policy).statement,
    ])
    expect(shown.map(([name]) => name)).toEqual(['public', 'api', 'workers'])
    const at = 'qcs::ssm:ap-guangzhou:uin/100000000001:secret/creatorUin/*/'
    for (const [name, statements] of shown) {
      const own = entries.filter(([, entry]) => entry.class === name)
      const secrets = [...new Set(own.flatMap(([, entry]) => secretsOf(entry)))].map(each => each.replaceAll('/', '-'))
      const [reads, ...more] = statements
      expect(reads).toMatchObject({ effect: 'allow', action: ['ssm:GetSecretValue'] })
      expect(new Set(reads.resource)).toEqual(new Set(secrets.map(secret => at + secret)))
      const sweep = 'qcs::scf:ap-guangzhou:uin/100000000001:namespace/default/function/unpush-prod-sweep'
      const starts = { effect: 'allow', action: ['scf:InvokeFunction'], resource: [sweep] }
      expect(more).toEqual(own.some(([, entry]) => leavesWork(entry)) ? [starts] : [])
    }
    expect(output).not.toContain('ledger-owner')
  })

  it('needs to know whose account it is', async () => {
    const { code, output } = await serverless('roles')
    expect([code, output]).toEqual([1, expect.stringContaining('uin')])
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
    // whom anybody may ask has a bound at the door, and one of instances; nobody else is held up by it
    const { Properties: stage, DependsOn: before } = Resources.HttpApiStage
    const open = entries.filter(([, { routes }]) => routes.some(({ right }) => right === null))
    const settings = open.flatMap(([, { routes, prefixes, throttle }]) => {
      const limit = { ThrottlingRateLimit: throttle?.perSecond, ThrottlingBurstLimit: throttle?.perSecond }
      const keys = [...routes.map(({ path }) => `ANY ${path}`), ...(prefixes.includes('/') ? ['$default'] : [])]
      return keys.map(key => [key, limit])
    })
    expect(stage.RouteSettings).toEqual(Object.fromEntries(settings))
    expect(stage.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 1000 })
    expect(before.map((id: string) => Resources[id].Properties.RouteKey).sort()).toEqual(
      Object.keys(stage.RouteSettings).sort(),
    )
    expect(
      all('AWS::Lambda::Function').map(({ FunctionName, ReservedConcurrentExecutions: most }) => [FunctionName, most]),
    ).toEqual(entries.map(([name, { throttle }]) => [`unpush-prod-${name}`, throttle?.instances]))
    expect(
      all('AWS::Logs::LogGroup').map(({ LogGroupName, RetentionInDays }) => [LogGroupName, RetentionInDays]),
    ).toEqual(entries.map(([name]) => [`/aws/lambda/unpush-prod-${name}`, 30]))
    expect(all('AWS::SQS::Queue')).toHaveLength(1)
    expect(Resources.SweepLambdaFunction.Properties.DeadLetterConfig).toEqual({
      TargetArn: { 'Fn::GetAtt': ['SweepDeadLetters', 'Arn'] },
    })
    expect(all('AWS::Events::Rule').map(({ ScheduleExpression }) => ScheduleExpression)).toEqual([
      'rate(1 minute)',
      'rate(1 minute)',
      'rate(5 minutes)',
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
    for (const [name, entry] of entries) {
      const secrets = secretsOf(entry).flatMap(secret => (secret.endsWith('*') ? [`secret:${secret}`] : both(secret)))
      expect(grants(name), name).toEqual({
        ...logs(name),
        'secretsmanager:GetSecretValue': secrets,
        ...(leavesWork(entry) ? { 'lambda:InvokeFunction': ['function:unpush-prod-sweep'] } : {}),
        ...(name === 'sweep' ? { 'sqs:SendMessage': ['SweepDeadLetters.Arn'] } : {}),
      })
    }
    // named here, so that the table is looked at by somebody
    const mayNot = (name: string, secret: string) =>
      expect(grants(name)['secretsmanager:GetSecretValue'], name).not.toContain(`secret:${secret}`)
    for (const [name] of entries) mayNot(name, 'unpush/ledger-owner')
    for (const name of ['dashboard', 'audit', 'deliveries']) mayNot(name, 'unpush/apps/*')
    for (const [name] of entries.filter(([each]) => each !== 'sweep')) mayNot(name, 'unpush/audit-key')
    for (const [name] of entries.filter(([each]) => !['sweep', 'moderation'].includes(each)))
      mayNot(name, 'unpush/webhooks/*')
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
