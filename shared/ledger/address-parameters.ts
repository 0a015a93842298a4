/** What may follow the `?` of a ledger's URL. A fault names a parameter that is known here, never what was written. */
import { AddressError } from './unreachable.ts'

/** Null: the parameter is not given. */
export interface AddressParameters {
  /** Lists, as libpq reads them. */
  readonly host: string | null
  readonly port: string | null
  readonly user: string | null
  readonly password: string | null
  readonly database: string | null
  readonly sslmode: SslMode | null
  readonly caFile: string | null
  readonly bindsChannel: boolean
  /** A pooler in transaction mode stands before it. Null: that is found out. */
  readonly pooled: boolean | null
  /** Connections of one process, at most. */
  readonly connections: number | null
  readonly connectMs: number | null
  readonly applicationName: string | null
  /** Command-line options for the server: some hosted databases are chosen by them. */
  readonly options: string | null
}

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

/** Each with the values that it may have; what they ask for is so anyway, or makes no difference here. */
const withoutEffect: { readonly [name: string]: RegExp } = {
  client_encoding: /^(auto|utf-?8)$/i,
  gssencmode: /^(disable|prefer)$/,
  target_session_attrs: /^(any|read-write|primary)$/,
  sslnegotiation: /^postgres$/,
  sslsni: /^1$/,
  sslcompression: /^0$/,
  ssl_min_protocol_version: /^TLSv1(\.[12])?$/,
  load_balance_hosts: /^disable$/,
  fallback_application_name: /./,
  uselibpqcompat: /./,
  keepalives: /./,
  keepalives_idle: /./,
  keepalives_interval: /./,
  keepalives_count: /./,
  tcp_user_timeout: /./,
  pool_timeout: /./,
  socket_timeout: /./,
  statement_cache_size: /./,
  // our tables lie in the schema that every database has
  schema: /^public$/,
  search_path: /^public$/,
  currentSchema: /^public$/,
}

/** Parameters that other clients know and this one does not: the error names them. */
const unknownHere = new Set(
  (
    'hostaddr passfile service require_auth sslcert sslkey sslpassword sslcrl sslcrldir sslcertmode requiressl requirepeer ' +
    'ssl_max_protocol_version krbsrvname gsslib gssdelegation replication max_protocol_version min_protocol_version ' +
    'statement_timeout lock_timeout idle_timeout max_lifetime timezone datestyle sslidentity sslaccept'
  ).split(' '),
)

/** `text`: all that follows the `?`. Throws AddressError. */
export function readParameters(text: string): AddressParameters {
  const given = parametersIn(text)
  const take = <T>(name: string, read: (value: string) => T | undefined, allowed: string): T | null => {
    const value = given.get(name)
    given.delete(name)
    if (value === undefined) return null
    const taken = read(value)
    if (taken === undefined) throw new AddressError(`its parameter ${name} must be ${allowed}`)
    return taken
  }
  const any = (name: string) => take(name, value => value || undefined, 'a text')
  const flag = (name: string) => take(name, value => switches[value], 'true or false')
  const ssl = take('ssl', value => sslModeOf(value) ?? switchedSsl[value], 'true, false or what sslmode may be')
  const parameters = {
    host: any('host'),
    port: any('port'),
    user: any('user'),
    password: any('password'),
    database: any('dbname'),
    sslmode: take('sslmode', sslModeOf, `one of ${sslModes.join(', ')}`) ?? ssl,
    caFile: any('sslrootcert'),
    bindsChannel: take('channel_binding', value => bindings[value], 'disable, prefer or require') ?? false,
    pooled: flag('pgbouncer'),
    connections: take('connection_limit', value => wholeNumber(value, 1, 1000), 'a whole number from 1 to 1000'),
    connectMs: take('connect_timeout', value => wholeNumber(value, 1, 60), 'whole seconds from 1 to 60'),
    applicationName: any('application_name'),
    options: any('options'),
  }
  for (const [name, value] of given) {
    const allowed = withoutEffect[name]
    if (allowed === undefined) {
      throw new AddressError(`it has a parameter that is not known here${unknownHere.has(name) ? `: ${name}` : ''}`)
    }
    if (!allowed.test(value)) throw new AddressError(`its parameter ${name} has a value that is not supported here`)
  }
  return { ...parameters, connectMs: parameters.connectMs === null ? null : parameters.connectMs * 1000 }
}

function parametersIn(text: string): Map<string, string> {
  const given = new Map<string, string>()
  for (const [index, part] of text.split('&').entries()) {
    if (part === '') continue
    const [, name = '', value] = /^(\w+)=(.*)$/.exec(part) ?? []
    if (value === undefined) throw new AddressError(`its parameter ${index + 1} is no name with a value`)
    if (given.has(name)) throw new AddressError('it has a parameter twice')
    try {
      given.set(name, decodeURIComponent(value))
    } catch {
      throw new AddressError(`its parameter ${index + 1} holds a % that begins no character: write % as %25`)
    }
  }
  return given
}

const switches: { readonly [value: string]: boolean } = { true: true, false: false, '1': true, '0': false }
const switchedSsl: { readonly [value: string]: SslMode } = {
  true: 'verify-full',
  '1': 'verify-full',
  false: 'disable',
  '0': 'disable',
}
const bindings: { readonly [value: string]: boolean } = { disable: false, prefer: false, require: true }

function sslModeOf(value: string): SslMode | undefined {
  return sslModes.find(mode => mode === value)
}

function wholeNumber(value: string, least: number, most: number): number | undefined {
  const number = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN
  return number >= least && number <= most ? number : undefined
}
