/** What names a push at its vendor, by the vendors' own table. */
import { vendorHandles } from '../words/vendors/handles.ts'

export interface HandleForm {
  readonly member: string
  readonly integer: boolean
  /** Of a whole number. */
  readonly most?: number
  /** A regular expression, where the vendor gives its ids a form. */
  readonly pattern?: string
  /** Text of digits alone. */
  readonly digits?: boolean
  /** It says all that some operation needs: no push tokens beside it. */
  readonly whole: boolean
  /** By this name the vendor's record can be asked for. */
  readonly status: boolean
}

export interface VendorNames {
  /** Whether push tokens go with a name. */
  readonly tokens: 'never' | 'always' | 'may'
  readonly handles: readonly HandleForm[]
}

const vendors: { readonly [provider: string]: VendorNames } = vendorHandles
/** The identity of a push whoever its vendor is: the API tells and takes it under this name. */
const anyHandle: HandleForm = { member: 'handle', integer: false, whole: true, status: false }

/** The members of every vendor, each once. */
export const nameMembers: readonly string[] = [
  ...new Set([
    ...Object.values(vendors).flatMap(({ handles }) => handles.map(({ member }) => member)),
    anyHandle.member,
  ]),
]

/** Null where this console knows no such vendor. */
export function namesAt(provider: string | null | undefined): VendorNames | null {
  const name = provider ?? ''
  return Object.hasOwn(vendors, name) ? (vendors[name] ?? null) : null
}

/** What the fields of a new recall ask for; of an unknown vendor that whose names are `given`, else any. */
export function namesToAsk(provider: string | null, given: (member: string) => string): VendorNames {
  const known = namesAt(provider)
  if (known !== null) return known
  const meant = Object.values(vendors).filter(({ handles }) => handles.some(({ member }) => given(member) !== ''))
  const handles = meant.flatMap(vendor => vendor.handles).filter(({ member }) => given(member) !== '')
  const once = handles.filter(({ member }, place) => handles.findIndex(one => one.member === member) === place)
  const ways = new Set(meant.map(({ tokens }) => tokens))
  const [only] = ways
  return once.length === 0 || only === undefined
    ? { tokens: 'never', handles: [anyHandle] }
    : { tokens: ways.size === 1 ? only : 'may', handles: once }
}

/** As the API takes it; null: it is none. */
export function nameOf({ integer, most = Number.MAX_SAFE_INTEGER }: HandleForm, text: string): string | number | null {
  if (!integer) return text === '' ? null : text
  return /^\d{1,16}$/.test(text) && Number(text) <= most ? Number(text) : null
}

/** Whether the text can be nothing but such an id: any text can be a key that a sender chose. */
export function looksLike(handle: HandleForm, text: string): boolean {
  if (handle.integer) return nameOf(handle, text) !== null
  return handle.pattern !== undefined && /\d/.test(text) && new RegExp(handle.pattern).test(text)
}

/** By what its vendor, else by what any vendor, knows the push: the member, and its value. */
export function handleOf(target: object): Name | null {
  const handles = namesAt(textIn(target, 'provider'))?.handles.map(({ member }) => member)
  const found = (handles ?? nameMembers).flatMap(member => {
    const value = textIn(target, member)
    return value === null ? [] : [{ member, value }]
  })
  const identity = textIn(target, anyHandle.member)
  const all = identity === null ? found : [...found, { member: anyHandle.member, value: identity }]
  return all.find(({ value }) => value === identity) ?? all[0] ?? null
}

/** By what its record can be asked for; null: its vendor tells none of it. */
export function askedBy(target: object): Name | null {
  for (const { member, status } of namesAt(textIn(target, 'provider'))?.handles ?? []) {
    const value = status ? textIn(target, member) : null
    if (value !== null) return { member, value }
  }
  return null
}

interface Name {
  readonly member: string
  readonly value: string
}

function textIn(target: object, member: string): string | null {
  const { [member]: value }: { readonly [name: string]: unknown } = { ...target }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
