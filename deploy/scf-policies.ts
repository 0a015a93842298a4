/**
 * The role of each class of functions on SCF, and what CAM lets it do: read its secrets
 * (https://www.tencentcloud.com/document/product/1078/38612) and start `sweep`
 * (https://www.tencentcloud.com/document/product/583/38177).
 */
import { type FunctionClass, type FunctionEntry, functions } from '../shared/functions.ts'
import { leavesWork, secretsOf } from './roles.ts'

export interface ClassRole {
  readonly role: string
  readonly policy: {
    readonly version: '2.0'
    readonly statement: readonly {
      readonly effect: 'allow'
      readonly action: readonly string[]
      readonly resource: readonly string[]
    }[]
  }
}

export interface Account {
  /** `ap-guangzhou` */
  readonly region: string
  /** Id of the main account, which made the secrets too. */
  readonly uin: string
  /** Before the name of each function: `unpush-prod`. */
  readonly prefix: string
  /** Every class has a database user of its own. */
  readonly eachUser: boolean
}

const classes: readonly FunctionClass[] = ['public', 'api', 'workers']
const entries: readonly [string, FunctionEntry][] = Object.entries(functions)

/** Secrets may not be called by `/` there: see the source `tencent-ssm`. */
export function rolesOnScf({ region, uin, prefix, eachUser }: Account): ClassRole[] {
  return classes.map(each => {
    const own = entries.filter(([, entry]) => entry.class === each)
    const secrets = [...new Set(own.flatMap(([, entry]) => secretsOf(entry, eachUser)))].sort()
    const starts = own.some(([, entry]) => leavesWork(entry))
    const allow = (action: string, resource: readonly string[]) => ({
      effect: 'allow' as const,
      action: [action],
      resource,
    })
    return {
      role: `unpush-${each}`,
      policy: {
        version: '2.0',
        statement: [
          allow(
            'ssm:GetSecretValue',
            secrets.map(name => `qcs::ssm:${region}:uin/${uin}:secret/creatorUin/*/${name.replaceAll('/', '-')}`),
          ),
          ...(starts
            ? [
                allow('scf:InvokeFunction', [
                  `qcs::scf:${region}:uin/${uin}:namespace/default/function/${prefix}-sweep`,
                ]),
              ]
            : []),
        ],
      },
    }
  })
}
