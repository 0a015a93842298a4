/**
 * Configuration: the only reader of `process.env`. Every variable, its default and what is allowed stand here.
 */
import packageJson from '../package.json' with { type: 'json' }
import { readLedgerAddress } from './ledger/address.ts'
import { AddressError } from './ledger/unreachable.ts'

export type PlatformName = 'local' | 'scf' | 'lambda'

export type SecretsChoice =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'file'; readonly path: string }
  | ({ readonly kind: 'tencent-ssm' } & CloudApi)
  | ({ readonly kind: 'aws-secrets-manager' } & CloudApi)

export interface CloudApi {
  /** `ap-guangzhou`, `ap-southeast-1`. Null: neither the platform nor anybody else said. */
  readonly region: string | null
  /** An origin that stands in for the real API. Null: the real one. */
  readonly endpoint: string | null
}

/** The function that this process is, and the API that invokes its neighbours. */
export interface DeployedFunction extends CloudApi {
  readonly platform: 'scf' | 'lambda'
  /** As the platform knows it: `unpush-prod-revoke`. */
  readonly name: string
  /** Of SCF. */
  readonly namespace: string
}

export interface Config {
  /** Of the local gateway; 0: any free one. */
  readonly port: number
  /** `pglite:<dir>`, `pglite:memory` or `postgres://…`. Null: it is in the secret of the database user. */
  readonly ledgerUrl: string | null
  readonly secrets: SecretsChoice
  /** False: the local gateway fires no timers by itself. */
  readonly timers: boolean
  /** The one origin that CORS allows. Null: none. */
  readonly dashboardOrigin: string | null
  /** Origins of functions that have one of their own, by the beginning of their paths; what `/config.json` tells a browser. */
  readonly apiBases: { readonly [prefix: string]: string }
  /** Stands before `/v1`: `/push/api`; empty where nothing does. */
  readonly basePath: string
  /** The name that people see, so that they know whose phones they act on. */
  readonly environment: string
  /** Runs of `sweep` at once, at most. */
  readonly sweeps: number
  readonly version: string
  readonly platform: PlatformName
  /** Null: it is no function in a cloud. */
  readonly deployed: DeployedFunction | null
}

/** Of the role that a function runs under; short-lived. */
export interface CloudCredentials {
  readonly id: string
  readonly key: string
  /** Null: long-lived credentials of a person. */
  readonly token: string | null
}

export const { version } = packageJson

/** A variable has a value that is not allowed. One line for the person who set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const secretsOf = { local: 'sandbox', scf: 'tencent-ssm', lambda: 'aws-secrets-manager' } as const
/** Set by the platform; a person sets it to read a cloud's secrets from another machine. */
const regionVariables = { tencent: 'TENCENTCLOUD_REGION', aws: 'AWS_REGION' } as const

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
  const regionIn = (cloud: keyof typeof regionVariables) =>
    read<string | null>(regionVariables[cloud], null, regionOf, 'a region like ap-guangzhou')
  const regions = { tencent: regionIn('tencent'), aws: regionIn('aws') }
  const tencentSsm = read<string | null>('TENCENT_SSM_ENDPOINT', null, endpointOf, endpointWords)
  const tencentScf = read<string | null>('TENCENT_SCF_ENDPOINT', null, endpointOf, endpointWords)
  const awsSecrets = read<string | null>('AWS_ENDPOINT_URL_SECRETS_MANAGER', null, endpointOf, endpointWords)
  const awsLambda = read<string | null>('AWS_ENDPOINT_URL_LAMBDA', null, endpointOf, endpointWords)
  const choices: { readonly [kind: string]: SecretsChoice } = {
    sandbox: { kind: 'sandbox' },
    'tencent-ssm': { kind: 'tencent-ssm', region: regions.tencent, endpoint: tencentSsm },
    'aws-secrets-manager': { kind: 'aws-secrets-manager', region: regions.aws, endpoint: awsSecrets },
  }
  const secrets = read<SecretsChoice>(
    'SECRETS',
    choices[secretsOf[platform]] ?? { kind: 'sandbox' },
    value => fileChoiceOf(value) ?? (Object.hasOwn(choices, value) ? choices[value] : undefined),
    'sandbox, file:<path>, tencent-ssm or aws-secrets-manager',
  )
  return {
    port: read('PORT', 8787, portOf, 'a whole number from 0 to 65535'),
    ledgerUrl: read(
      'LEDGER_URL',
      platform === 'local' ? 'pglite:.unpush/ledger' : null,
      ledgerUrlOf,
      'pglite:<directory>, pglite:memory or postgres://…',
    ),
    secrets,
    environment: read(
      'UNPUSH_ENVIRONMENT',
      secrets.kind === 'sandbox' ? 'sandbox' : 'production',
      value => (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u.test(value) ? value : undefined),
      'a name of at most 40 letters, digits, spaces, ".", "_" and "-"',
    ),
    timers: read('UNPUSH_TIMERS', true, switchOf, 'on or off'),
    dashboardOrigin: read<string | null>(
      'UNPUSH_DASHBOARD_ORIGIN',
      null,
      originOf,
      'one exact origin without a path, like https://console.example.com',
    ),
    apiBases: read(
      'UNPUSH_API_BASES',
      {},
      basesOf,
      'one JSON object of paths and https origins, like {"/v1/messages":"https://…"}',
    ),
    basePath: read(
      'UNPUSH_BASE_PATH',
      '',
      basePathOf,
      'a path like /push/api: letters, digits, ".", "_", "~", "-" between slashes',
    ),
    sweeps: read('UNPUSH_SWEEPS', 4, sweepsOf, 'a whole number from 1 to 100'),
    version,
    platform,
    deployed: deployedOf(platform, environment, {
      scf: { region: regions.tencent, endpoint: tencentScf },
      lambda: { region: regions.aws, endpoint: awsLambda },
    }),
  }
}

/** As `Config.basePath`, for what needs nothing else of it; empty where the variable is not valid: `readConfig` tells. */
export function readBasePath(environment: NodeJS.ProcessEnv = process.env): string {
  return basePathOf(environment['UNPUSH_BASE_PATH'] ?? '') ?? ''
}

/** As `Config.dashboardOrigin`, for what needs nothing else of it; null too where the variable is not valid: `readConfig` tells. */
export function readDashboardOrigin(environment: NodeJS.ProcessEnv = process.env): string | null {
  return originOf(environment['UNPUSH_DASHBOARD_ORIGIN'] ?? '') ?? null
}

function deployedOf(
  platform: PlatformName,
  environment: NodeJS.ProcessEnv,
  apis: { readonly [P in DeployedFunction['platform']]: CloudApi },
): DeployedFunction | null {
  if (platform === 'local') return null
  const name = environment[platform === 'scf' ? 'SCF_FUNCTIONNAME' : 'AWS_LAMBDA_FUNCTION_NAME']
  if (!name) return null
  return { platform, name, namespace: environment['SCF_NAMESPACE'] || 'default', ...apis[platform] }
}

/** At call time, and never kept: both platforms replace a role's credentials while an instance lives. */
export function readTencentCredentials(environment: NodeJS.ProcessEnv = process.env): CloudCredentials | null {
  return credentialsOf(
    environment['TENCENTCLOUD_SECRETID'],
    environment['TENCENTCLOUD_SECRETKEY'],
    environment['TENCENTCLOUD_SESSIONTOKEN'],
  )
}

/** As `readTencentCredentials`. */
export function readAwsCredentials(environment: NodeJS.ProcessEnv = process.env): CloudCredentials | null {
  return credentialsOf(
    environment['AWS_ACCESS_KEY_ID'],
    environment['AWS_SECRET_ACCESS_KEY'],
    environment['AWS_SESSION_TOKEN'],
  )
}

function credentialsOf(id = '', key = '', token = ''): CloudCredentials | null {
  return id === '' || key === '' ? null : { id, key, token: token || null }
}

function platformOf(environment: NodeJS.ProcessEnv): PlatformName {
  if (environment['TENCENTCLOUD_RUNENV'] === 'SCF') return 'scf'
  return environment['AWS_LAMBDA_FUNCTION_NAME'] ? 'lambda' : 'local'
}

function portOf(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined
}

/** Throws ConfigError where more can be said than that it is none. */
function ledgerUrlOf(value: string): string | undefined {
  if (/^pglite:./.test(value)) return value
  if (!/^\s*postgres(ql)?:\/\//i.test(value)) return undefined
  try {
    readLedgerAddress(value)
    return value
  } catch (error) {
    if (error instanceof AddressError) throw new ConfigError(`LEDGER_URL is not valid: ${error.message}.`)
    throw error
  }
}

/** Takes a path with or without a slash at either end. */
function basePathOf(value: string): string | undefined {
  const segments = value.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (segments.length === 1 && segments[0] === '') return ''
  return segments.every(segment => /^[\w.~-]{1,100}$/.test(segment) && !/^\.\.?$/.test(segment))
    ? `/${segments.join('/')}`
    : undefined
}

function basesOf(value: string): Config['apiBases'] | undefined {
  try {
    const found: unknown = JSON.parse(value)
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined
    const bases: [string, unknown][] = Object.entries(found)
    const isBase = ([prefix, origin]: [string, unknown]) =>
      /^\/[\w.~/-]{1,100}$/.test(prefix) && typeof origin === 'string' && endpointOf(origin) !== undefined
    return bases.every(isBase) ? { ...found } : undefined
  } catch {
    return undefined
  }
}

function sweepsOf(value: string): number | undefined {
  return /^([1-9]\d?|100)$/.test(value) ? Number(value) : undefined
}

function switchOf(value: string): boolean | undefined {
  if (value === 'on') return true
  return value === 'off' ? false : undefined
}

function fileChoiceOf(value: string): SecretsChoice | undefined {
  if (!value.startsWith('file:') || value.length === 'file:'.length) return undefined
  return { kind: 'file', path: value.slice('file:'.length) }
}

function regionOf(value: string): string | undefined {
  return /^[a-z]{2}(-[a-z]+)+(-\d)?$/.test(value) ? value : undefined
}

const endpointWords = 'https://<host>, or http:// on this machine'

/** Secrets travel there: in the clear only where nobody listens. */
function endpointOf(value: string): string | undefined {
  const origin = originOf(value)
  if (origin === undefined || origin.startsWith('https:')) return origin
  return /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin) ? origin : undefined
}

function originOf(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined
  const { origin, protocol } = new URL(value)
  return origin === value && (protocol === 'https:' || protocol === 'http:') ? value : undefined
}
