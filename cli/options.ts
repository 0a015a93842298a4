/** Every flag of the command line. Help, completion and documents are made from this table. */
import { optionWords } from '../dashboard/words/cli-commands.ts'
import { handleFlags } from '../dashboard/words/vendors/handles.ts'
import type { Words } from '../shared/words.ts'

/** What completion offers in the place of a value. */
export type Completes = 'recalls' | 'messages' | 'apps' | 'profiles' | 'files' | readonly string[]

interface Valued {
  /** Stands for the value in help. */
  readonly takes: string
  readonly completes?: Completes
}

export const valued = {
  profile: { takes: 'NAME', completes: 'profiles' },
  lang: { takes: 'en|zh', completes: ['en', 'zh'] },
  message: { takes: 'ID', completes: 'messages' },
  messages: { takes: 'FILE|-', completes: 'files' },
  content: { takes: 'ID' },
  app: { takes: 'APP', completes: 'apps' },
  handle: { takes: 'ID' },
  ...handleFlags,
  tokens: { takes: 'FILE|-', completes: 'files' },
  'except-tokens': { takes: 'FILE|-', completes: 'files' },
  reason: { takes: 'TEXT' },
  ticket: { takes: 'TICKET' },
  title: { takes: 'TEXT' },
  body: { takes: 'TEXT' },
  link: { takes: 'URL' },
  options: { takes: 'FILE', completes: 'files' },
  meanwhile: { takes: 'stop', completes: ['stop'] },
  timeout: { takes: '10m' },
  'max-devices': { takes: 'N' },
  'idempotency-key': { takes: 'KEY' },
  state: { takes: 'STATE' },
  since: { takes: '2h' },
  limit: { takes: 'N' },
  cursor: { takes: 'CURSOR' },
  export: { takes: 'FILE|-', completes: 'files' },
  verify: { takes: 'FILE|-', completes: 'files' },
} as const satisfies { readonly [name: string]: Valued }

export const switches = [
  'json',
  'no-input',
  'help',
  'version',
  'no-fallback',
  'dry-run',
  'supersede',
  'again',
  'break-glass',
  'wait',
  'yes',
  'force-collapse',
  'check',
] as const

/** Flags that name a push in its vendor's own words. */
export type HandleFlag = keyof typeof handleFlags
export const handleFlagNames = Object.keys(handleFlags) as readonly HandleFlag[]
export const statusFlagNames = handleFlagNames.filter(flag => handleFlags[flag].status)

export type ValueName = keyof typeof valued
export type SwitchName = (typeof switches)[number]
export type OptionName = ValueName | SwitchName

/** Of every command. */
export const common = ['profile', 'json', 'lang', 'no-input', 'help'] as const satisfies readonly OptionName[]

export function isValued(name: string): name is ValueName {
  return Object.hasOwn(valued, name)
}

export function isOption(name: string): name is OptionName {
  return isValued(name) || (switches as readonly string[]).includes(name)
}

export function takesOf(name: OptionName): string | null {
  return isValued(name) ? valued[name].takes : null
}

export function completesOf(name: OptionName): Completes | null {
  return isValued(name) ? ((valued[name] as Valued).completes ?? null) : null
}

optionWords satisfies { readonly [O in OptionName]: Words }
