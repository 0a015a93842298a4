/** What a bare handle brings along: push tokens, or an audience of its own. Pure. */
import { batchBounds } from '../bounds.ts'
import type { HandleFacts } from '../ledger/facts.ts'
import { digestTokens } from '../ledger/tokens.ts'
import { takesAudience } from './addressing.ts'
import type { NamedSubject } from './subject.ts'

/** Tokens that came with a bare handle; null: those registered for it are meant. */
export function broughtTokens({ target }: NamedSubject): readonly string[] | null {
  return target?.tokens?.length ? target.tokens : null
}

/** Another audience than was registered: it is taken back as tokens are that a bare handle brings, by a target of its own. */
export function bringsAudience(
  { opened, audience }: NonNullable<NamedSubject['target']>,
  handle: HandleFacts,
): boolean {
  return audience !== null && audience !== handle.audience && takesAudience(opened.provider)
}

/** Nothing is kept yet of the target that it makes. */
export const nobodyYet = { targetId: null, devices: 0, gone: 0, left: false, unsealed: false, waiting: 0 } as const

/** What tells the devices that a bare handle brought from others; null: those registered for it are meant. */
export function digestOfBrought(named: NamedSubject, { targetId, names }: HandleFacts): string | null {
  const tokens = broughtTokens(named)
  if (tokens !== null) return digestTokens(tokens)
  const { target } = named
  if (target === null || targetId !== null || target.audience === null || !takesAudience(target.opened.provider))
    return null
  const { handles } = target.opened.provider
  // members that belong to the audience stand beside the names of the push
  const others = Object.entries(names ?? {}).filter(([name]) => !handles.some(({ member }) => member === name))
  return digestTokens([target.audience, ...others.map(([name, value]) => `${name} ${value}`)])
}

/** Tokens that fit one request for the bare handle. */
export function batchOf({ target }: NamedSubject): number {
  return target?.batch ?? batchBounds.tokens
}
