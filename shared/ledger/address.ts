/**
 * Where a ledger is and how it is reached: `postgres://` URLs as libpq
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS) and the makers of poolers write them,
 * and as people have them: with `#`, `/`, `?`, `@` or `%` in the password as they are, where that can be read in one way.
 */
import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { type AddressParameters, readParameters, type SslMode } from './address-parameters.ts'
import { AddressError } from './unreachable.ts'

export interface LedgerAddress
  extends Pick<AddressParameters, 'pooled' | 'connections' | 'applicationName' | 'options'> {
  /** In the order in which they are tried. */
  readonly hosts: readonly LedgerHost[]
  /** Null: who the process runs as. */
  readonly user: string | null
  readonly password: string | null
  /** Null: it is called as the user is. */
  readonly database: string | null
  /** `full`: chain and name are verified. `none` and `unverified` exist on this machine only. */
  readonly tls: 'none' | 'unverified' | 'chain' | 'full'
  /** PEM certificates of who may sign the server's. Null: those that Node trusts. */
  readonly ca: string | null
  /** A file that holds them, in place of `ca`. */
  readonly caFile: string | null
  readonly connectMs: number
  /** What was taken another way than it was written. Sentences for the log. */
  readonly notices: readonly string[]
}

export interface LedgerHost {
  /** A name, an IP address without brackets, or the folder of a Unix socket. */
  readonly name: string
  readonly port: number
}

const longest = 8192
const defaultPort = 5432
const defaultConnectMs = 5000

/** Throws AddressError, which names the part that cannot be read and never holds any of it. */
export function readLedgerAddress(written: string, ca: string | null = null): LedgerAddress {
  const text = written.trim()
  const scheme = /^postgres(ql)?:\/\//i.exec(text)?.[0]
  if (scheme === undefined) throw new AddressError('it must begin with postgres://')
  if (text.length > longest) throw new AddressError(`it must have at most ${longest} characters`)
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new AddressError('it must hold no control characters')
  const { userinfo, hosts: inUrl, database, parameters } = readingOf(text.slice(scheme.length))
  const colon = userinfo.indexOf(':')
  const named = parameters.host === null ? inUrl : hostsOf(parameters.host)
  const hosts = parameters.port === null ? named : withPorts(named, parameters.port.split(','))
  if (hosts.some(({ name }) => name === '')) throw new AddressError('its host is missing')
  return {
    hosts,
    user: parameters.user ?? decoded(colon < 0 ? userinfo : userinfo.slice(0, colon), 'user'),
    password: parameters.password ?? (colon < 0 ? null : decoded(userinfo.slice(colon + 1), 'password')),
    database: parameters.database ?? database,
    ...tlsOf(hosts, parameters, ca),
    connectMs: parameters.connectMs ?? defaultConnectMs,
    pooled: parameters.pooled,
    connections: parameters.connections,
    applicationName: parameters.applicationName,
    options: parameters.options,
  }
}

interface Reading {
  readonly userinfo: string
  readonly hosts: readonly LedgerHost[]
  readonly database: string | null
  readonly parameters: AddressParameters
}

/**
 * Any `@` may be the one that ends the password. Those count behind which everything can be read; if they are several,
 * nobody knows which was meant, and a password must not be sent to a host that is part of it.
 */
function readingOf(text: string): Reading {
  const ends = [-1, ...[...text.matchAll(/@/g)].map(({ index }) => index)]
  const tails = ends.map(end => ({ end, tail: tailIn(text.slice(end + 1)) }))
  const [found, another] = tails.filter(({ tail }) => tail !== null)
  if (another !== undefined) {
    throw new AddressError(
      'it can be read in more than one way: write % # / ? @ in user, password, database and parameters as %25 %23 %2F %3F %40',
    )
  }
  const last = text.slice((ends.at(-1) ?? -1) + 1)
  const tail = found?.tail ?? tailPattern.exec(last)
  if (tail === null) throw new AddressError('it holds a # that must be written %23')
  const [, hosts = '', database = '', parameters = ''] = tail
  // what is read here once more is told of where it cannot be
  const reading = {
    userinfo: text.slice(0, Math.max(0, found?.end ?? 0)),
    hosts: readHosts(hosts),
    database: decoded(database, 'database'),
    parameters: readParameters(parameters),
  }
  if (found === undefined) throw new AddressError(database.includes('/') ? slashed : 'its host is missing')
  return reading
}

const slashed = 'its database holds a / that must be written %2F'

/** Hosts with ports · database · parameters. */
const tailPattern = /^([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/

function tailIn(text: string): RegExpMatchArray | null {
  const tail = tailPattern.exec(text)
  if (tail === null) return null
  const [, hosts = '', database = '', parameters = ''] = tail
  if (database.includes('/') || (parameters !== '' && !/^\w+=[^&]*(&\w+=[^&]*)*$/.test(parameters))) return null
  try {
    const named = readHosts(hosts).every(({ name }) => name !== '') || /(^|&)host=/.test(parameters)
    return named ? tail : null
  } catch {
    return null
  }
}

/** Throws AddressError. One without a name stands for what `?host=` says. */
function readHosts(text: string): LedgerHost[] {
  return text.split(',').map(part => {
    const [, name, port] = /^(\[[^\]]+\]|[^:[\]]*)(?::(\d*))?$/.exec(part) ?? []
    if (name === undefined) throw new AddressError('its host or port cannot be read')
    return { name: readHostName(decoded(name, 'host') ?? ''), port: readPort(port ?? '') }
  })
}

function readPort(text: string): number {
  const port = text === '' ? defaultPort : Number(text)
  if (!(port >= 1 && port <= 65_535)) throw new AddressError('its port must be a whole number from 1 to 65535')
  return port
}

/** Throws AddressError. */
function readHostName(text: string): string {
  if (text === '' || text.startsWith('/')) return text
  const bare = /^\[(.+)\]$/.exec(text)?.[1]
  if (bare !== undefined || isIP(text) !== 0) {
    if (isIP(bare ?? text) === 0) throw new AddressError('its host is no IP address')
    return bare ?? text
  }
  const ascii = domainToASCII(text)
  if (!/^[\w-]+(\.[\w-]+)*\.?$/.test(ascii)) throw new AddressError('its host is no name and no IP address')
  return ascii
}

function hostsOf(list: string): LedgerHost[] {
  return list.split(',').map(name => ({ name: readHostName(name), port: defaultPort }))
}

/** `?host=` and `?port=` are lists beside each other; one port is every host's. */
function withPorts(hosts: readonly LedgerHost[], ports: readonly string[]): LedgerHost[] {
  if (ports.length !== 1 && ports.length !== hosts.length) throw new AddressError('it has other ports than hosts')
  return hosts.map(({ name }, index) => ({ name, port: readPort(ports[ports.length === 1 ? 0 : index] ?? '') }))
}

/** Either all of it is percent-encoded or nothing is. Null: it is empty. Throws AddressError. */
function decoded(text: string, part: string): string | null {
  if (text === '') return null
  const escapes = text.match(/%[0-9a-f]{2}/gi)?.length ?? 0
  if (escapes === 0) return text
  if (/[#/?@]/.test(text) || escapes < text.split('%').length - 1) {
    throw new AddressError(`its ${part} is percent-encoded in part only: write % # / ? @ as %25 %23 %2F %3F %40`)
  }
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AddressError(`its ${part} holds a % that begins no character: write % as %25`)
  }
}

const local = new BlockList()
local.addSubnet('127.0.0.0', 8, 'ipv4')
local.addAddress('::1', 'ipv6')

function isLocal({ name }: LedgerHost): boolean {
  const family = isIP(name)
  if (family !== 0) return local.check(name.split('%', 1)[0] ?? '', family === 6 ? 'ipv6' : 'ipv4')
  return name.startsWith('/') || /^localhost\.?$/i.test(name)
}

/** What is between us and another machine can read a password and answer in its place, unless chain and name are verified. */
function tlsOf(
  hosts: readonly LedgerHost[],
  { sslmode, caFile, bindsChannel }: AddressParameters,
  ca: string | null,
): Pick<LedgerAddress, 'tls' | 'ca' | 'caFile' | 'notices'> {
  const trusted = { ca, caFile: ca === null ? caFile : null }
  if (hosts.every(isLocal)) {
    const asked = sslmode ?? (ca === null && caFile === null ? 'disable' : 'verify-full')
    const tls = localModes[asked]
    // without TLS there is no channel to bind to
    if (bindsChannel && tls === 'none') throw new AddressError('channel_binding=require needs sslmode=verify-full here')
    return { tls, ...trusted, notices: [] }
  }
  if (sslmode === 'disable' || sslmode === 'no-verify') {
    throw new AddressError(
      `sslmode=${sslmode} is for this machine only: leave it out, so that the server's certificate is verified (ca holds who signed it)`,
    )
  }
  const taken = sslmode === null || sslmode === 'verify-full' ? [] : [`sslmode=${sslmode} is taken as verify-full.`]
  return { tls: 'full', ...trusted, notices: taken }
}

const localModes = {
  disable: 'none',
  allow: 'none',
  prefer: 'none',
  require: 'unverified',
  'no-verify': 'unverified',
  'verify-ca': 'chain',
  'verify-full': 'full',
} as const satisfies { readonly [M in SslMode]: LedgerAddress['tls'] }
