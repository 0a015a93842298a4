/** Whom a push went to, as targets keep and show it: a word, or an object in the vendor's own terms. Pure. */
import type { Audience } from '../providers/provider.ts'

/** As one text: no word that a provider takes begins like an object. */
export function keptAudience(audience: Audience | null): string | null {
  return audience === null || typeof audience === 'string' ? audience : JSON.stringify(audience)
}

export function readAudience(kept: string | null): Audience | null {
  return kept?.startsWith('{') === true ? (JSON.parse(kept) as Audience) : kept
}

/** For answers: lists name devices, aliases and accounts of people, and are shown as how many they are. */
export function shownAudience(kept: string | null): Audience | null {
  const audience = readAudience(kept)
  return audience === null || typeof audience === 'string' ? audience : (counted(audience) as Audience)
}

function counted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([member, part]) => [member, counted(part)]))
}
