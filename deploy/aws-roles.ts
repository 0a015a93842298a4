/**
 * One role for each Lambda function, with what that function does and nothing else: its own log, the secrets it reads, and,
 * where it can leave work behind, the invocation of sweep. Made from the function table.
 */
import { type FunctionEntry, functions } from '../shared/functions.ts'
import { leavesWork, secretsOf } from './roles.ts'

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: unknown
}

const entries: readonly [string, FunctionEntry][] = Object.entries(functions)

/** Logical id of a function's role in the template. */
export function roleId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Role`
}

export const deadLetters = 'SweepDeadLetters'

export interface AwsPlace {
  readonly inVpc: boolean
  /** Every class of functions has a database user of its own. */
  readonly eachUser: boolean
}

/** `start`: before the name of each function (`unpush-prod`), as serverless.aws.ts and the CLI say it. */
export function rolesOf(
  start: string,
  { inVpc, eachUser }: AwsPlace,
): { [id: string]: { Type: string; Properties: object } } {
  const roles = entries.map(([name, entry]) => [
    roleId(name),
    {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
          ],
        },
        Policies: [
          {
            PolicyName: 'own',
            PolicyDocument: { Version: '2012-10-17', Statement: statementsOf(start, name, entry, { inVpc, eachUser }) },
          },
        ],
      },
    },
  ])
  return Object.fromEntries(roles)
}

function statementsOf(start: string, name: string, entry: FunctionEntry, { inVpc, eachUser }: AwsPlace): Statement[] {
  const allow = (actions: readonly string[], resource: unknown): Statement => ({
    Effect: 'Allow',
    Action: actions,
    Resource: resource,
  })
  return [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('logs', `log-group:/aws/lambda/${start}-${name}:*`)),
    allow(
      ['secretsmanager:GetSecretValue'],
      secretsOf(entry, eachUser)
        .flatMap(patternsOf)
        .map(pattern => arn('secretsmanager', `secret:${pattern}`)),
    ),
    ...(leavesWork(entry) ? [allow(['lambda:InvokeFunction'], arn('lambda', `function:${start}-sweep`))] : []),
    ...(name === 'sweep' ? [allow(['sqs:SendMessage'], { 'Fn::GetAtt': [deadLetters, 'Arn'] })] : []),
    // these know no resource
    ...(inVpc
      ? [allow(['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'], '*')]
      : []),
  ]
}

/**
 * A secret's ARN ends in six characters that are not of its name; of one that is not there the name is all. Without the
 * second pattern, asking for a secret that nobody has made (`unpush/policy`) would be refused instead of answered.
 */
function patternsOf(secret: string): string[] {
  return secret.endsWith('*') ? [secret] : [`${secret}-??????`, secret]
}

function arn(service: string, rest: string): unknown {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}` }
}
