/**
 * Configuration: the only reader of `process.env`. Every variable, its default and what is allowed stand here.
 */
import packageJson from '../package.json' with { type: 'json' }

export type PlatformName = 'local' | 'scf' | 'lambda'

export type SecretsChoice =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'tencent-ssm' }
  | { readonly kind: 'aws-secrets-manager' }

export interface Config {
  /** Of the local gateway; 0: any free one. */
  readonly port: number
  /** `pglite:<dir>`, `pglite:memory` or `postgres://…`. Null: it is in the secret `unpush/ledger`. */
  readonly ledgerUrl: string | null
  readonly secrets: SecretsChoice
  /** False: the local gateway fires no timers by itself. */
  readonly timers: boolean
  /** The one origin that CORS allows. Null: none. */
  readonly dashboardOrigin: string | null
  readonly version: string
  readonly platform: PlatformName
}

/** A variable has a value that is not allowed. One line for the person who set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const secretsOf: { readonly [P in PlatformName]: SecretsChoice } = {
  local: { kind: 'sandbox' },
  scf: { kind: 'tencent-ssm' },
  lambda: { kind: 'aws-secrets-manager' },
}

/** Throws ConfigError. A variable that is set to nothing counts as not set. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const platform = platformOf(environment)
  const read = <T>(name: string, fallback: T, parse: (value: string) => T | undefined, allowed: string): T => {
    const value = environment[name]
    if (value === undefined || value === '') return fallback
    const parsed = parse(value)
    // The value itself is not repeated: LEDGER_URL may hold a password.
    if (parsed === undefined) throw new ConfigError(`${name} is not valid: it must be ${allowed}.`)
    return parsed
  }
  return {
    port: read('PORT', 8787, portOf, 'a whole number from 0 to 65535'),
    ledgerUrl: read(
      'LEDGER_URL',
      platform === 'local' ? 'pglite:.unpush/ledger' : null,
      value => (/^(pglite:.|postgres(ql)?:\/\/.)/.test(value) ? value : undefined),
      'pglite:<directory>, pglite:memory or postgres://…',
    ),
    secrets: read(
      'SECRETS',
      secretsOf[platform],
      secretsChoiceOf,
      'sandbox, file:<path>, tencent-ssm or aws-secrets-manager',
    ),
    timers: read('UNPUSH_TIMERS', true, switchOf, 'on or off'),
    dashboardOrigin: read<string | null>(
      'UNPUSH_DASHBOARD_ORIGIN',
      null,
      originOf,
      'one exact origin without a path, like https://console.example.com',
    ),
    version: packageJson.version,
    platform,
  }
}

function platformOf(environment: NodeJS.ProcessEnv): PlatformName {
  if (environment['TENCENTCLOUD_RUNENV'] === 'SCF') return 'scf'
  return environment['AWS_LAMBDA_FUNCTION_NAME'] ? 'lambda' : 'local'
}

function portOf(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined
}

function switchOf(value: string): boolean | undefined {
  if (value === 'on') return true
  return value === 'off' ? false : undefined
}

function secretsChoiceOf(value: string): SecretsChoice | undefined {
  if (value.startsWith('file:') && value.length > 'file:'.length) {
    return { kind: 'file', path: value.slice('file:'.length) }
  }
  return Object.values(secretsOf).find(choice => choice.kind === value)
}

function originOf(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined
  const { origin, protocol } = new URL(value)
  return origin === value && (protocol === 'https:' || protocol === 'http:') ? value : undefined
}
