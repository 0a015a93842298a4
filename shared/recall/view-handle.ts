/** The names of a push: as its vendor's members say them, and as the ledger keeps them. */
import type { Handle, Names, Provider } from '../providers/provider.ts'

type Named = Pick<Provider, 'name' | 'handles'>

/** The first of the vendor's handles that a push has: what it is known by in the ledger. Throws where it has none. */
export function identityOf(
  { name, handles }: Named,
  names: Names,
): { readonly handle: Handle; readonly value: string } {
  const handle = handles.find(({ member }) => names[member] !== undefined)
  if (handle === undefined) throw new Error(`a target of ${name} was read without a handle`)
  return { handle, value: String(names[handle.member]) }
}

/** The key that the sender chose; null: the push has none. */
export function senderKeyOf({ handles }: Named, names: Names): string | null {
  const key = handles.find(({ member, madeBy }) => madeBy === 'sender' && names[member] !== undefined)
  return key === undefined ? null : String(names[key.member])
}

/** What is kept of the names beside the identity; null: that tells them. */
export function keptNames(provider: Named, names: Names): Names | null {
  const { handle, value } = identityOf(provider, names)
  return handle === provider.handles[0] &&
    Object.keys(names).length === 1 &&
    names[handle.member] === read(handle, value)
    ? null
    : names
}

/** The names of a push as it is kept. */
export function namesOf({ handles: [first] }: Pick<Provider, 'handles'>, identity: string, kept: Names | null): Names {
  return kept ?? { [first.member]: read(first, identity) }
}

/** Whether the vendor made the identity, so that it names one push for ever. */
export function madeByVendor(provider: Named, kept: Names | null): boolean {
  const { madeBy } = kept === null ? provider.handles[0] : identityOf(provider, kept).handle
  return madeBy === 'vendor'
}

/**
 * Whether the vendor can be asked for its record of the push: it keeps one under the name that it made. Where it makes none, any
 * name will do.
 */
export function tellsStatus({ status, handles }: Pick<Provider, 'status' | 'handles'>, names: Names): boolean {
  if (status === undefined) return false
  const own = handles.filter(({ madeBy }) => madeBy === 'vendor')
  return own.length === 0 || own.some(({ member }) => names[member] !== undefined)
}

/**
 * A target as its provider reads it. Whole numbers that were written in digits alone, which come as bigint, are text where they are
 * an id of digits, and numbers elsewhere. `handle` is the vendor's own id, or where the push is known by no such id, the key. What
 * an answer says of a target, its members and their identity, can be sent back as it is.
 */
export function withNative(
  provider: Pick<Provider, 'handles' | 'target'>,
  { handle, ...written }: { readonly [member: string]: unknown },
): { readonly [member: string]: unknown } {
  const members = Object.fromEntries(
    Object.entries(written).map(([member, value]) => [
      member,
      typeof value !== 'bigint' ? value : isDigits(provider, member) ? String(value) : Number(value),
    ]),
  )
  if (handle === undefined) return members
  const { handles } = provider
  const [first] = handles
  const nativeOf = (one: Handle): unknown =>
    typeof handle === 'string' || typeof handle === 'bigint' ? read(one, String(handle)) : handle
  const identity = handles.find(({ member }) => members[member] !== undefined)
  if (identity !== undefined && members[identity.member] === nativeOf(identity)) return members
  // one that says two things is refused by the provider, which knows no such member
  if (members[first.member] !== undefined) return { ...members, handle }
  const open = handles.filter(({ member }) => members[member] === undefined)
  const meant = open.find(one => takes(provider, one, nativeOf(one))) ?? first
  return { ...members, [meant.member]: nativeOf(meant) }
}

/** Whether it can be this name of a push. A vendor with one name says itself what is wrong with it. */
function takes(provider: Pick<Provider, 'handles' | 'target'>, { member }: Handle, value: unknown): boolean {
  return provider.handles.length === 1 || accepts(provider, member, value)
}

function accepts({ target }: Pick<Provider, 'target'>, member: string, value: unknown): boolean {
  const result = target.safeParse({ [member]: value })
  return result.success || result.error.issues.every(({ path }) => path[0] !== member)
}

/**
 * Whether a member is an id of digits: kept as text, and taken as a number too, since its vendor prints one. The vendor's schema
 * tells: it refuses a letter among the digits.
 */
export function isDigits(provider: Pick<Provider, 'handles' | 'target'>, member: string): boolean {
  const handle = provider.handles.find(one => one.member === member)
  const sample = String(handle?.sample)
  if (handle?.json !== 'string' || !/^\d+$/.test(sample)) return false
  return ['a', 'A'].every(letter => !accepts(provider, member, `${letter}${sample.slice(1)}`))
}

/** The vendor's own members, and the identity under `handle`; that alone where there is no such vendor here. */
export function viewHandle(provider: Provider | null, handle: string, kept: Names | null): object {
  return provider === null ? { ...kept, handle } : { ...namesOf(provider, handle, kept), handle }
}

/** Native members as a query writes them: as text. */
export function fromQuery(
  { handles }: Pick<Provider, 'handles'>,
  members: { readonly [member: string]: unknown },
): { readonly [member: string]: unknown } {
  const entries = Object.entries(members).map(([member, value]) => {
    const handle = handles.find(one => one.member === member)
    return [member, handle === undefined || typeof value !== 'string' ? value : read(handle, value)]
  })
  return Object.fromEntries(entries)
}

function read({ json }: Handle, written: string): string | number {
  return json === 'integer' && /^-?\d{1,15}$/.test(written) ? Number(written) : written
}
