/** The table of commands: what help and the documents say, what completion offers, what the parser takes. */
import { commandWords } from '../dashboard/words/cli-commands.ts'
import type { Words } from '../shared/words.ts'
import { type Completes, handleFlagNames, type OptionName, statusFlagNames } from './options.ts'

export interface Operand {
  readonly name: string
  readonly required: boolean
  readonly completes?: Completes
}

export interface Command {
  readonly operands: readonly Operand[]
  /** Beside those of every command. */
  readonly options: readonly OptionName[]
  readonly examples: readonly string[]
  /** Not in help, completion and documents. */
  readonly hidden?: boolean
}

const recall = { name: 'RECALL', required: true, completes: 'recalls' } as const satisfies Operand
const maybeRecall = { ...recall, required: false } as const satisfies Operand

const subject = ['message', 'messages', 'content', 'app', 'handle', ...handleFlagNames, 'tokens'] as const
const start = [
  ...subject,
  'except-tokens',
  'reason',
  'ticket',
  'no-fallback',
  'dry-run',
  'supersede',
  'again',
  'break-glass',
  'wait',
  'timeout',
  'yes',
  'max-devices',
  'idempotency-key',
] as const satisfies readonly OptionName[]
const text = ['title', 'body', 'link', 'force-collapse', 'options'] as const satisfies readonly OptionName[]

export const commands = {
  revoke: {
    operands: [],
    options: [...start, 'meanwhile'],
    examples: [
      'unpush revoke --message promo-2026-11-23 --reason "wrong link" --ticket INC-7 --wait',
      'unpush revoke --app news-android --push-id 43214535 --dry-run',
      'unpush revoke --app news-harmony --notify-id 1234567 --tokens tokens.txt --reason rumour --yes',
    ],
  },
  stop: {
    operands: [],
    options: start,
    examples: ['unpush stop --content article:42 --reason "wrong audience" --yes --wait --timeout 10m'],
  },
  overlay: {
    operands: [],
    options: [...start, ...text, 'meanwhile'],
    examples: ['unpush overlay --message promo-2026-11-23 --title "Correction: …" --body "…" --reason "wrong link"'],
  },
  correct: {
    operands: [],
    options: [...start, ...text, 'meanwhile'],
    examples: ['unpush correct --message promo-2026-11-23 --title "Correction: …" --body "…" --reason "wrong link"'],
  },
  watch: {
    operands: [recall],
    options: ['timeout'],
    examples: ['unpush watch rcl_06ck… --timeout 10m'],
  },
  messages: {
    operands: [{ name: 'QUERY', required: false, completes: 'messages' }],
    options: ['app', 'state', 'since', 'limit', 'cursor'],
    examples: ["unpush messages --since 1h --json | jq -r '.items[0].id'", 'unpush messages 43214535'],
  },
  recalls: {
    operands: [{ name: 'QUERY|RECALL', required: false, completes: 'recalls' }],
    options: ['app', 'state', 'since', 'limit', 'cursor'],
    examples: ['unpush recalls --state running', 'unpush recalls rcl_06ck…'],
  },
  approve: {
    operands: [maybeRecall],
    options: ['reason', 'yes'],
    examples: ['unpush approve', 'unpush approve rcl_06ck… --reason "checked with the editor"'],
  },
  decline: {
    operands: [maybeRecall],
    options: ['reason', 'yes'],
    examples: ['unpush decline rcl_06ck… --reason "the link is right"'],
  },
  review: {
    operands: [maybeRecall],
    options: ['reason', 'yes'],
    examples: ['unpush review rcl_06ck… --reason "was right"'],
  },
  cancel: {
    operands: [recall],
    options: ['reason', 'yes'],
    examples: ['unpush cancel rcl_06ck… --reason "wrong message"'],
  },
  retry: {
    operands: [recall],
    options: ['reason', 'yes'],
    examples: ['unpush retry rcl_06ck…'],
  },
  status: {
    operands: [],
    options: ['app', 'handle', ...statusFlagNames],
    examples: ['unpush status --app news-android --push-id 43214535'],
  },
  capabilities: {
    operands: [],
    options: ['app'],
    examples: ['unpush capabilities --app news-android'],
  },
  doctor: {
    operands: [],
    options: ['app', 'check'],
    examples: ['unpush doctor || page-somebody', 'unpush doctor --app news-android --check'],
  },
  audit: {
    operands: [{ name: 'TRAIL', required: false, completes: 'files' }],
    options: ['export', 'verify'],
    examples: [
      'unpush audit --export trail.ndjson',
      'unpush audit --verify trail.ndjson',
      'unpush audit --verify rcl_06ck….json trail.ndjson',
    ],
  },
  login: {
    operands: [{ name: 'URL', required: false }],
    options: [],
    examples: ['unpush login https://unpush.example.com --profile prod', 'unpush login < key.txt'],
  },
  logout: { operands: [], options: [], examples: ['unpush logout --profile prod'] },
  profiles: {
    operands: [{ name: 'NAME', required: false, completes: 'profiles' }],
    options: [],
    examples: ['unpush profiles', 'unpush profiles prod'],
  },
  whoami: { operands: [], options: [], examples: ['unpush whoami'] },
  open: { operands: [recall], options: [], examples: ['unpush open rcl_06ck…'] },
  completion: {
    operands: [{ name: 'SHELL', required: true, completes: ['bash', 'zsh', 'fish'] }],
    options: [],
    examples: ['source <(unpush completion bash)'],
  },
  __complete: {
    operands: [{ name: 'KIND', required: true }],
    options: [],
    examples: [],
    hidden: true,
  },
} as const satisfies { readonly [name: string]: Command }

export type AnyCommand = keyof typeof commands
export type CommandName = Exclude<AnyCommand, '__complete'>

commandWords satisfies { readonly [C in CommandName]: Words }

export function commandOf(name: string): Command | null {
  return Object.hasOwn(commands, name) ? commands[name as AnyCommand] : null
}

/** In the order of the table. */
export function commandNames(): CommandName[] {
  const entries: [string, Command][] = Object.entries(commands)
  return entries.flatMap(([name, { hidden }]) => (hidden === true ? [] : [name as CommandName]))
}
