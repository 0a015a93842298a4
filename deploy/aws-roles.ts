/**
 * One role for each Lambda function, with what that function does and nothing else: its own log, the secrets it reads, and,
 * where it can leave work behind, the invocation of sweep. Made from the function table.
 */
import { type FunctionEntry, functions } from '../shared/functions.ts'
import { ledgerSecretsOf } from '../shared/secrets/ledger.ts'

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: unknown
}

const entries: readonly [string, FunctionEntry][] = Object.entries(functions)

/**
 * Names of secrets that a function reads, with `*` for an id. What follows from its routes is not said again in the table:
 * who knows callers reads their keys and limits, who sends or starts recalls reads apps and policy, and signs what it does.
 */
export function secretsOf({ class: functionClass, routes, timer, secrets = [] }: FunctionEntry): readonly string[] {
  const knowsCallers = routes.some(({ path, right }) => right !== null || path === '/readyz')
  const works = timer !== null || routes.some(({ method }) => method !== 'GET')
  const looks = works || routes.some(({ right }) => right !== null)
  return [
    ...ledgerSecretsOf(functionClass),
    ...(knowsCallers ? ['unpush/access'] : []),
    ...(looks ? ['unpush/apps', 'unpush/apps/*'] : []),
    ...(knowsCallers || works ? ['unpush/policy'] : []),
    ...(works ? ['unpush/audit-mac'] : []),
    ...secrets,
  ]
}

/** Logical id of a function's role in the template. */
export function roleId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Role`
}

export const deadLetters = 'SweepDeadLetters'

/** `start`: before the name of each function (`unpush-prod`), as serverless.aws.ts and the CLI say it. */
export function rolesOf(start: string, inVpc: boolean): { [id: string]: { Type: string; Properties: object } } {
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
            PolicyDocument: { Version: '2012-10-17', Statement: statementsOf(start, name, entry, inVpc) },
          },
        ],
      },
    },
  ])
  return Object.fromEntries(roles)
}

function statementsOf(start: string, name: string, entry: FunctionEntry, inVpc: boolean): Statement[] {
  const allow = (actions: readonly string[], resource: unknown): Statement => ({
    Effect: 'Allow',
    Action: actions,
    Resource: resource,
  })
  const leavesWork = name !== 'sweep' && (entry.timer !== null || entry.routes.some(({ method }) => method !== 'GET'))
  return [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('logs', `log-group:/aws/lambda/${start}-${name}:*`)),
    allow(
      ['secretsmanager:GetSecretValue'],
      secretsOf(entry)
        .flatMap(patternsOf)
        .map(pattern => arn('secretsmanager', `secret:${pattern}`)),
    ),
    ...(leavesWork ? [allow(['lambda:InvokeFunction'], arn('lambda', `function:${start}-sweep`))] : []),
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
