/** Asking before something is done: y/N, or the check number where it is large. Nobody there to ask: says which flag answers. */
import { randomUUID } from 'node:crypto'
import type { Context } from './context.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'

export interface Question {
  /** What a yes does, as a question. */
  readonly ask: string
  /** What is to be typed where a yes is not enough; null: a yes is. */
  readonly type: { readonly text: string; readonly ask: string } | null
}

const mostTries = 3

/** Throws `CommandFailed` unless it is agreed to. */
export async function confirm({ say, terminal, on }: Context, { ask, type }: Question): Promise<void> {
  if (on('yes')) return
  if (!terminal.asks) throw new CommandFailed(exits.wrongInput, say('needsYes'), { next: ['--yes'] })
  for (let tries = 1; ; tries++) {
    const answer = await terminal.ask(type === null ? `${ask} [y/N] ` : `${type.ask} `)
    if (terminal.interrupted.aborted) throw new CommandFailed(exits.interrupted, say('nothingStarted'))
    const said = (answer ?? '').trim()
    if (type === null ? /^(y|yes|是)$/i.test(said) : said === type.text) return
    // another number typed is a slip; nothing typed is a no
    if (type === null || said === '' || tries === mostTries) throw new CommandFailed(exits.ended, say('notConfirmed'))
    terminal.err(`${say('otherNumber')}\n`)
  }
}

/** What a flag should have said, asked for where somebody is there. */
export async function required(context: Context, name: 'reason' | 'title' | 'body', question: string): Promise<string> {
  const given = context.value(name)
  if (given !== null) return given
  const { terminal, say } = context
  const missing = new CommandFailed(exits.wrongInput, say('flagMissing', { flag: `--${name}` }), {
    next: [`--${name} "…"`],
  })
  if (!terminal.asks) throw missing
  const answer = (await terminal.ask(`${question} `))?.trim() ?? ''
  if (terminal.interrupted.aborted) throw new CommandFailed(exits.interrupted, say('nothingStarted'))
  if (answer === '') throw missing
  return answer
}

export function newKey(): string {
  return randomUUID()
}

/** The command as it was typed, with the key that makes a second run the same recall. */
export function repeatLine({ command, operands, written }: Context, key: string): string {
  const flags = written
    .filter(({ name }) => name !== 'idempotency-key')
    .flatMap(({ name, value }) => (value === null ? [`--${name}`] : [`--${name}`, quoted(value)]))
  return ['unpush', command, ...operands.map(quoted), ...flags, '--idempotency-key', quoted(key)].join(' ')
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
