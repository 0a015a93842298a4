/** The same functions on AWS, made from the function table, so that the two clouds cannot drift apart. */
import type { AWS } from '@serverless/typescript'
import { deadLetters, roleId, rolesOf } from './deploy/aws-roles.ts'
import { stageOf } from './deploy/aws-throttle.ts'
import { type FunctionEntry, functions } from './shared/functions.ts'

type Event = NonNullable<NonNullable<AWS['functions']>[string]['events']>[number]

const entries: [string, FunctionEntry][] = Object.entries(functions)
/** An HTTP API gives up after 30 s: a function behind it must have answered by then. */
const mostSecondsBehindHttp = 29

/**
 * A path goes to its function with every method: it is the function that answers preflights, and a method that the path
 * does not take. What is nobody's path goes to whoever owns `/`.
 */
function httpEvents({ prefixes, routes }: FunctionEntry): Event[] {
  const paths = [...new Set(routes.map(({ path }) => path))]
  return [
    ...paths.map(path => ({ httpApi: { method: '*', path } })),
    ...(prefixes.includes('/') ? [{ httpApi: '*' }] : []),
  ]
}

/** SCF's seven-field cron as EventBridge says it; only whole minutes are in use. */
function timerEvents({ timer }: FunctionEntry): Event[] {
  if (timer === null) return []
  const minutes = Number(/^0 \*\/(\d+) \* \* \* \* \*$/.exec(timer)?.[1])
  if (!Number.isInteger(minutes)) throw new Error(`EventBridge's words for the timer ${timer} are not known here`)
  return [{ schedule: { rate: [minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`] } }]
}

/** Comma-separated ids; a function in a VPC reaches its database there, and vendors through that VPC's NAT gateway. */
const listOf = (variable: string) => (process.env[variable] ?? '').split(',').filter(id => id !== '')
const subnetIds = listOf('UNPUSH_AWS_SUBNETS')
const securityGroupIds = listOf('UNPUSH_AWS_SECURITY_GROUPS')
const inVpc = subnetIds.length > 0
/** Every class of functions has a database user, and so a secret, of its own. */
const eachUser = process.env['UNPUSH_AWS_EACH_USER'] === 'on'
/** Reserved for some functions, instances are no other's: an account that may run a few at all cannot reserve any. */
const reserves = process.env['UNPUSH_AWS_RESERVED_CONCURRENCY'] !== 'off'
const service = 'unpush'

const configuration: AWS = {
  service,
  configValidationMode: 'error',
  plugins: ['./deploy/artifacts.cjs', 'serverless-offline'],
  provider: {
    name: 'aws',
    runtime: 'nodejs24.x',
    region: 'ap-southeast-1',
    stage: 'prod',
    logRetentionInDays: 30,
    ...(inVpc ? { vpc: { subnetIds, securityGroupIds } } : {}),
  },
  functions: Object.fromEntries(
    entries.map(([name, entry]) => [
      name,
      {
        handler: 'index.main_handler',
        role: roleId(name),
        timeout: entry.routes.length > 0 ? Math.min(entry.timeoutSeconds, mostSecondsBehindHttp) : entry.timeoutSeconds,
        memorySize: entry.memoryMb,
        ...(reserves && entry.throttle !== null ? { reservedConcurrency: entry.throttle.instances } : {}),
        events: [...httpEvents(entry), ...timerEvents(entry)],
        // of what is invoked asynchronously, kicks and timers: what fails three times is kept to be looked at
        ...(name === 'sweep' ? { onError: { 'Fn::GetAtt': [deadLetters, 'Arn'] } } : {}),
      },
    ]),
  ),
  resources: {
    extensions: { HttpApiStage: stageOf() },
    Resources: {
      ...rolesOf(`${service}-\${sls:stage}`, { inVpc, eachUser }),
      [deadLetters]: {
        Type: 'AWS::SQS::Queue',
        Properties: { MessageRetentionPeriod: 14 * 24 * 3600, SqsManagedSseEnabled: true },
      },
    },
  },
}

export default configuration
