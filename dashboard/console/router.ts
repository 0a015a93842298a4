/**
 * Pages by the fragment of the address: `#/recalls/rcl_…?state=running`. Ids there may hold anything; they never reach a server's
 * log. What is open, filtered and sorted is in it, and nowhere else.
 */
import { computed, signal } from '@preact/signals'

export interface Place {
  /** Decoded: `['messages', 'promo-1', 'revoke']`. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

export function readPlace(hash: string): Place {
  const [path = '', ...rest] = hash.replace(/^#/, '').split('?')
  const parts = path.split('/').filter(part => part !== '')
  return { parts: parts.map(decoded), query: new URLSearchParams(rest.join('?')) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address of a place; members that are null or empty are left out. */
export function linkOf(
  parts: readonly string[],
  query: { readonly [name: string]: string | null | undefined } = {},
): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []))
  const search = new URLSearchParams(given).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

const hash = signal(typeof location === 'undefined' ? '' : location.hash)
export const place = computed(() => readPlace(hash.value))
/** How often a page was opened; filters and dialogs of one page are one opening. */
export const opened = signal(0)

export function follow(): void {
  addEventListener('hashchange', () => {
    const before = pageOf(hash.peek())
    hash.value = location.hash
    if (pageOf(location.hash) !== before) opened.value++
  })
}

/** The page without its dialog and filters: focus and scrolling start anew where this changes. */
function pageOf(address: string): string {
  return readPlace(address).parts.slice(0, 2).join('/')
}

export function go(link: string): void {
  location.hash = link.slice(1)
}

/** In place of what is there: *Back* does not come by it again. */
export function replace(link: string): void {
  const before = pageOf(hash.peek())
  history.replaceState(history.state, '', link)
  hash.value = link
  if (pageOf(link) !== before) opened.value++
}

/** Closes what was opened over a page: back where that is where we came from, else in place. */
export function closeTo(link: string): void {
  if (history.length > 1 && cameFrom === link) history.back()
  else replace(link)
}

let cameFrom = ''
export function openOver(link: string): void {
  cameFrom = location.hash
  go(link)
}

/** Changes some of the query, in place. */
export function setQuery(changes: { readonly [name: string]: string | null }): void {
  const { parts, query } = place.peek()
  replace(linkOf(parts, { ...Object.fromEntries(query), ...changes }))
}
