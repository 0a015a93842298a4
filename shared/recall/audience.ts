/** Whom a push went to, as targets keep and show it: a word, or an object in the vendor's own terms. Pure. */
import type { Audience } from '../providers/provider.ts'

/** How an audience begins whose people have left. */
const leftMark = 'left:'

/** As one text: no word that a provider takes begins like an object, or like one whose people have left. */
export function keptAudience(audience: Audience | null): string | null {
  return audience === null || typeof audience === 'string' ? audience : JSON.stringify(audience)
}

/** Of an audience whose people have left, lists are their lengths. */
export function readAudience(kept: string | null): Audience | null {
  const text = hasLeft(kept) ? (kept?.slice(leftMark.length) ?? null) : kept
  return text?.startsWith('{') === true ? (JSON.parse(text) as Audience) : text
}

/** Whom it names was deleted (tokenRetentionDays): nobody can be asked for by it any more. */
export function hasLeft(kept: string | null): boolean {
  return kept?.startsWith(leftMark) === true
}

/** For answers: lists name devices, aliases and accounts of people, and are shown as how many they are. */
export function shownAudience(kept: string | null): Audience | null {
  const audience = readAudience(kept)
  return audience === null || typeof audience === 'string' ? audience : (counted(audience) as Audience)
}

/** What stays of a kept audience once its people leave: how many they were. Null: it names none, and stays as it is. */
export function withoutPeople(kept: string): string | null {
  if (hasLeft(kept) || !kept.startsWith('{')) return null
  const left = JSON.stringify(shownAudience(kept))
  return left === JSON.stringify(readAudience(kept)) ? null : `${leftMark}${left}`
}

function counted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([member, part]) => [member, counted(part)]))
}
