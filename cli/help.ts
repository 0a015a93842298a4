/** Help, from the table of commands. */
import { commandWords, optionWords } from '../dashboard/words/cli-commands.ts'
import { type Command, commandNames, type CommandName, commandOf } from './commands.ts'
import { common, type OptionName, takesOf } from './options.ts'
import type { Say } from './output/language.ts'
import { table } from './output/table.ts'
import { wrap } from './output/text.ts'

/** `unpush revoke [flags]` */
export function usageOf(name: string, { operands }: Command): string {
  const parts = operands.map(({ name, required }) => (required ? name : `[${name}]`))
  return ['unpush', name, ...parts].join(' ')
}

export function flagOf(name: OptionName): string {
  const takes = takesOf(name)
  return takes === null ? `--${name}` : `--${name} ${takes}`
}

export function helpLines(name: CommandName | null, say: Say, columns: number | null): string[] {
  const room = columns ?? 100
  if (name === null) return overview(say, room)
  const command = commandOf(name)
  if (command === null) return []
  return [
    `${usageOf(name, command)}${command.options.length === 0 ? '' : ` [${say('flags')}]`}`,
    '',
    ...wrap(say.of(commandWords[name]), room),
    ...section(say('flags'), pairs(command.options, say), room, say),
    ...section(say('commonFlags'), pairs(common, say), room, say),
    '',
    headOf(say('examples'), say),
    ...command.examples.map(example => `  ${example}`),
  ]
}

function overview(say: Say, room: number): string[] {
  const listed = commandNames().map(
    name => [usageOf(name, commandOf(name) as Command).slice('unpush '.length), say.of(commandWords[name])] as const,
  )
  return [
    ...wrap(say('aboutUnpush'), room),
    '',
    `unpush ${say('commandPlace')} [${say('flags')}]`,
    ...section(say('commands'), listed, room, say),
    ...section(say('commonFlags'), pairs([...common, 'version'], say), room, say),
    '',
    ...wrap(say('whichService'), room),
    ...wrap(say('exitCodesLine'), room),
  ]
}

function pairs(names: readonly OptionName[], say: Say): (readonly [string, string])[] {
  return names.map(name => [flagOf(name), say.of(optionWords[name])] as const)
}

/** Two columns, the second broken into lines. */
function section(title: string, rows: readonly (readonly [string, string])[], room: number, say: Say): string[] {
  if (rows.length === 0) return []
  const first = Math.max(...rows.map(([name]) => name.length))
  const beside = room - first - 4
  const lines =
    beside < 24
      ? rows.flatMap(([name, words]) => [`  ${name}`, ...wrap(words, room - 6).map(line => `      ${line}`)])
      : table(
          [{ title: '' }, { title: '' }],
          rows.flatMap(([name, words]) => wrap(words, beside).map((line, index) => [index === 0 ? name : '', line])),
          null,
        ).map(line => `  ${line}`)
  return ['', headOf(title, say), ...lines]
}

/** Chinese titles have no mark behind them. */
function headOf(title: string, { language }: Say): string {
  return language === 'zh' ? title : `${title}:`
}
