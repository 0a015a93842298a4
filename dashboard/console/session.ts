/**
 * Who is signed in. The key or token is in memory only: a new tab asks the others of this origin, and the last one that is
 * closed forgets it.
 */
import { signal } from '@preact/signals'
import type * as z from 'zod/mini'
import type { meAnswers } from '../answers/me.ts'
import type { Right, Role } from './answers.ts'

export interface Credential {
  readonly secret: string
  readonly kind: 'key' | 'token'
  /** Epoch milliseconds; null: not known. */
  readonly expiresAt: number | null
}

/** What `GET /v1/me` says; members that this version of the API does not have are missing. */
export interface Me {
  readonly id: string
  readonly person: string | null
  readonly roles: readonly Role[]
  readonly rights?: readonly string[]
  readonly apps?: readonly {
    readonly id: string
    readonly provider?: string | null
    readonly platform?: string | null
  }[]
  readonly expiresAt?: string | null
  readonly policy?: Partial<NonNullable<z.infer<typeof meAnswers.Me>['policy']>> | null
}

export type Ending = 'locked' | 'expired' | null

export const credential = signal<Credential | null>(null)
export const me = signal<Me | null>(null)
/** Null while nobody asked; `old`: the API does not tell who somebody is. */
export const meKnown = signal<'yes' | 'old' | null>(null)
/** Why the lock lies over the page; null: it does not. */
export const ending = signal<Ending>(null)

/** Unknown roles count as able: the API decides, and says why not. */
export function may(right: Right | 'decide'): boolean {
  const known = me.value
  if (known === null) return true
  if (known.rights !== undefined) return known.rights.includes(right)
  const given: { readonly [R in Role]: readonly string[] } = {
    sender: ['send'],
    viewer: ['read'],
    operator: ['send', 'read', 'operate'],
    approver: ['read', 'decide'],
    admin: ['read', 'audit', 'pause'],
  }
  return known.roles.some(role => given[role]?.includes(right))
}

const takeoverMs = 300
type Word = { readonly ask: string } | { readonly give: Credential; readonly to: string } | { readonly lock: true }

let channel: BroadcastChannel | null = null
const tab = Math.random().toString(36).slice(2)

/** Resolves true where another tab gave what it has. Where that comes later, `late` is called. */
export async function takeOver(late: () => void): Promise<boolean> {
  if (typeof BroadcastChannel === 'undefined') return false
  const open = new BroadcastChannel('unpush')
  channel = open
  return new Promise(resolve => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      resolve(false)
    }, takeoverMs)
    open.addEventListener('message', ({ data }: MessageEvent<Word>) => {
      const own = credential.peek()
      if ('ask' in data) {
        if (own !== null && ending.peek() === null) open.postMessage({ give: own, to: data.ask } satisfies Word)
      } else if ('lock' in data) {
        forget('locked')
      } else if (data.to === tab && own === null) {
        credential.value = data.give
        clearTimeout(timer)
        if (isLate) late()
        else resolve(true)
      }
    })
    open.postMessage({ ask: tab } satisfies Word)
  })
}

export function signIn(given: Credential): void {
  credential.value = given
  ending.value = null
}

/** In every tab. */
export function lock(): void {
  channel?.postMessage({ lock: true } satisfies Word)
  forget('locked')
}

export function signOut(why: 'expired'): void {
  forget(why)
}

function forget(why: Exclude<Ending, null>): void {
  if (credential.peek() === null) return
  credential.value = null
  ending.value = why
}
