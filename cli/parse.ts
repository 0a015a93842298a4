/** The command line as it was typed: which command, which flags, and what is wrong with them in words. */
import { parseArgs } from 'node:util'
import { type Command, commandNames, commandOf } from './commands.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'
import { common, isOption, isValued, type OptionName, switches, valued } from './options.ts'
import type { Say } from './output/language.ts'
import { plain } from './output/text.ts'

export interface Parsed {
  /** Null: none was named. */
  readonly name: string | null
  readonly command: Command | null
  readonly operands: readonly string[]
  readonly written: readonly { readonly name: OptionName; readonly value: string | null }[]
}

const parserOptions = {
  ...Object.fromEntries(Object.keys(valued).map(name => [name, { type: 'string' } as const])),
  ...Object.fromEntries(switches.map(name => [name, { type: 'boolean' } as const])),
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

/** Throws `CommandFailed` that names what to change. */
export function parse(argv: readonly string[], say: Say): Parsed {
  // not strict: it would call an unknown flag so, and not know which one was meant
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const positionals = tokens.flatMap(token => (token.kind === 'positional' ? [token.value] : []))
  const [name = null, ...operands] = positionals
  const command = name === null ? null : commandOf(name)
  if (name !== null && command === null) throw unknownCommand(name, say)
  const allowed: readonly OptionName[] = command === null ? [...common, 'version'] : [...common, ...command.options]
  const written: { name: OptionName; value: string | null }[] = []
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = token.name
    if (!isOption(option) || !allowed.includes(option)) {
      throw unknownFlag(token.rawName, name, allowed, say)
    }
    if (isValued(option)) {
      const { value } = token
      if (value === undefined || (!token.inlineValue && /^-./.test(value)))
        throw wrong(say('flagNeedsValue', { flag: `--${option}`, takes: valued[option].takes }))
      if (value === '') throw wrong(say('flagIsEmpty', { flag: `--${option}` }))
    } else if (token.value !== undefined) throw wrong(say('flagTakesNone', { flag: `--${option}` }))
    if (isValued(option) && written.some(one => one.name === option))
      throw wrong(say('flagTwice', { flag: `--${option}` }))
    written.push({ name: option, value: token.value ?? null })
  }
  const helps = written.some(one => one.name === 'help')
  if (command !== null && !helps) checkOperands(name ?? '', command, operands, say)
  return { name, command, operands, written }
}

function checkOperands(name: string, { operands: wanted }: Command, given: readonly string[], say: Say): void {
  const missing = wanted.find((operand, index) => operand.required && (given[index] ?? '') === '')
  if (missing !== undefined)
    throw wrong(say('operandMissing', { command: name, operand: missing.name }), `unpush ${name} --help`)
  if (name !== '__complete' && given.length > wanted.length)
    throw wrong(say('operandTooMany', { operand: plain(given[wanted.length] ?? '') }), `unpush ${name} --help`)
}

function unknownCommand(name: string, say: Say): CommandFailed {
  const near = nearest(name, commandNames())
  return wrong(say('unknownCommand', { name: plain(name) }), near === null ? 'unpush --help' : `unpush ${near}`)
}

function unknownFlag(raw: string, command: string | null, allowed: readonly string[], say: Say): CommandFailed {
  const near = nearest(raw.replace(/^-+/, ''), allowed)
  const help = command === null ? 'unpush --help' : `unpush ${command} --help`
  return wrong(say('unknownFlag', { flag: plain(raw) }), near === null ? help : `--${near}`)
}

function wrong(message: string, ...next: readonly string[]): CommandFailed {
  return new CommandFailed(exits.wrongInput, message, { next })
}

/** The one that takes the fewest slips of the finger; null: none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map(name => ({ name, far: name.startsWith(word) && word.length > 2 ? 1 : slips(word, name) }))
    .sort((a, b) => a.far - b.far)
  const [best] = ranked
  return best !== undefined && best.far <= Math.max(1, Math.floor(word.length / 3)) ? best.name : null
}

/** Characters left out, put in, changed, or swapped with their neighbour. */
function slips(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + (same ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}
