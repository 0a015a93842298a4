/**
 * Where a request to a subscriber may go. Whoever files a subscriber's URL chooses where this service connects to, from
 * inside its own network: only https to public unicast addresses, spelled the one usual way.
 *
 * Blocks: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry (read 2026-11).
 */
import { once } from '../once.ts'

/** Null: a public unicast address. Otherwise what it is instead. `address` as a resolver gives it; no brackets. */
export function refusalOfAddress(address: string): string | null {
  const v4 = parseIpv4(address)
  if (v4 !== null) return v4Blocks().find(block => isWithin(v4, block))?.kind ?? null
  const v6 = parseIpv6(address)
  if (v6 === null) return 'not an address'
  return (
    v6Blocks().find(block => isWithin(v6, block))?.kind ?? (isWithin(v6, globalUnicast()) ? null : 'not global unicast')
  )
}

export interface DestinationOptions {
  /** For tests and demonstrations on one machine: loopback too, over plain http too, on any port. */
  readonly allowLoopback: boolean
  readonly ports: readonly number[]
}

export interface Destination {
  readonly url: URL
  /** A name to be resolved, or an address, without brackets. */
  readonly host: string
  readonly isAddress: boolean
}

export const defaultPorts: readonly number[] = [443, 8443]

/**
 * Reads a subscriber's URL, or says why no request goes there. A name may still resolve to anything: each of its
 * addresses is for `refusalOfAddress`.
 */
export function readDestination(text: string, options: DestinationOptions): Destination | { readonly refusal: string } {
  if (!URL.canParse(text)) return { refusal: 'is not a URL' }
  const url = new URL(text)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isAddress = isIpAddress(host)
  const kind = isAddress ? refusalOfAddress(host) : null
  const isLocal = options.allowLoopback && (kind === 'loopback' || host === 'localhost')
  if (url.protocol !== 'https:' && !(isLocal && url.protocol === 'http:')) return { refusal: 'must be https' }
  // The parser forgives a lot, and what it makes of it is not what a reader sees: 0x7f.1, 127。0。0。1, https:\\host, a tab.
  const authority = /^https?:\/\/([^/?#]*)/.exec(text)?.[1] ?? ''
  if (url.username !== '' || url.password !== '' || authority.includes('@')) return { refusal: 'must name no user' }
  if (authority.toLowerCase().replace(/:\d+$/, '') !== url.hostname) return { refusal: 'must spell its host plainly' }
  if (/[^\x21-\x7e]|\\/.test(text)) return { refusal: 'must be plain ASCII without spaces and backslashes' }
  if (kind !== null && !isLocal) return { refusal: `must not point to ${host} (${kind})` }
  if (!isAddress && !isLocal && !/^([a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/.test(host)) {
    return { refusal: 'must name a host with its domain' }
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  if (!options.allowLoopback && !options.ports.includes(port)) {
    return { refusal: `must use port ${options.ports.join(' or ')}` }
  }
  return { url, host, isAddress }
}

export function isIpAddress(text: string): boolean {
  return parseIpv4(text) !== null || parseIpv6(text) !== null
}

interface Block {
  readonly bits: 32 | 128
  readonly base: bigint
  readonly prefix: number
  readonly kind: string
}

interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

function isWithin(address: Address, { bits, base, prefix }: Block): boolean {
  return address.bits === bits && (address.value ^ base) >> BigInt(bits - prefix) === 0n
}

/** Four decimal numbers, none with a leading zero: everything else that some C library takes is no address here. */
function parseIpv4(text: string): Address | null {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return null
  const bytes = text.split('.').map(Number)
  if (bytes.some(byte => byte > 255)) return null
  return { bits: 32, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) }
}

/** RFC 4291 §2.2, with an IPv4 address in the last 32 bits too; a zone (`%eth0`) is link-local by nature and not taken. */
function parseIpv6(text: string): Address | null {
  const last = /^(.*:)([\d.]+)$/.exec(text)
  const v4 = last?.[2]?.includes('.') === true ? parseIpv4(last[2]) : undefined
  if (v4 === null) return null
  const plain =
    v4 === undefined ? text : `${last?.[1] ?? ''}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`
  const halves = plain.split('::')
  if (halves.length > 2) return null
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) }
}

function block(cidr: string, kind: string): Block {
  const [text = '', prefix = ''] = cidr.split('/')
  const address = parseIpv4(text) ?? parseIpv6(text)
  if (address === null) throw new Error(`${cidr} is no block of addresses`)
  return { bits: address.bits, base: address.value, prefix: Number(prefix), kind }
}

const v4Blocks = once((): readonly Block[] => [
  block('0.0.0.0/8', 'this network'),
  block('10.0.0.0/8', 'private'),
  // Alibaba's metadata, 100.100.100.200, is in here
  block('100.64.0.0/10', 'carrier-grade NAT'),
  block('127.0.0.0/8', 'loopback'),
  // metadata at 169.254.169.254 (AWS, Azure, Google and others) and 169.254.0.23 (Tencent)
  block('169.254.0.0/16', 'link-local'),
  // Azure's wire server: the one service inside a cloud that has a public address
  block('168.63.129.16/32', 'metadata'),
  block('172.16.0.0/12', 'private'),
  block('192.0.0.0/24', 'protocol assignments'),
  block('192.0.2.0/24', 'documentation'),
  block('192.88.99.0/24', '6to4 relay'),
  block('192.168.0.0/16', 'private'),
  block('198.18.0.0/15', 'benchmarking'),
  block('198.51.100.0/24', 'documentation'),
  block('203.0.113.0/24', 'documentation'),
  block('224.0.0.0/4', 'multicast'),
  block('240.0.0.0/4', 'reserved'),
])

const globalUnicast = once(() => block('2000::/3', 'global unicast'))

/** Kinds by name, and what inside 2000::/3 leads elsewhere; all else outside it is refused anyway. */
const v6Blocks = once((): readonly Block[] => [
  block('::1/128', 'loopback'),
  block('::ffff:0:0/96', 'IPv4-mapped'),
  block('::/96', 'IPv4-compatible'),
  block('64:ff9b::/96', 'NAT64'),
  block('64:ff9b:1::/48', 'NAT64'),
  block('2001::/23', 'protocol assignments, Teredo'),
  block('2001:db8::/32', 'documentation'),
  block('2002::/16', '6to4'),
  block('3ffe::/16', '6bone'),
  block('3fff::/20', 'documentation'),
  block('fc00::/7', 'private'),
  block('fe80::/10', 'link-local'),
  block('fec0::/10', 'site-local'),
  block('ff00::/8', 'multicast'),
])
