/** Completion for three shells, from the table of commands and flags. */
import { commandWords, optionWords } from '../dashboard/words/cli-commands.ts'
import { type Command, commandNames, type CommandName, commandOf } from './commands.ts'
import { common, type Completes, completesOf, type OptionName, valued, type ValueName } from './options.ts'
import type { Say } from './output/language.ts'

export type ShellName = 'bash' | 'zsh' | 'fish'

export const scripts: { readonly [S in ShellName]: (say: Say) => string } = { bash, zsh, fish }

const valueNames = Object.keys(valued) as ValueName[]
const kinds = ['recalls', 'messages', 'apps', 'profiles'] as const

interface Entry {
  readonly name: CommandName
  readonly options: readonly OptionName[]
  /** Of the first operand. */
  readonly completes: Completes | null
}

function entries(): Entry[] {
  return commandNames().map(name => {
    const { options, operands } = commandOf(name) as Command
    return { name, options: [...options, ...common], completes: operands[0]?.completes ?? null }
  })
}

/** Commands whose operand comes from the same place. */
function taking(wanted: Completes): string {
  return entries()
    .filter(({ completes }) => completes === wanted)
    .map(({ name }) => name)
    .join('|')
}

/** Flags whose values come from the same place. */
function flagsBy(wanted: Completes | null): string {
  return valueNames
    .filter(name => completesOf(name) === wanted)
    .map(name => `--${name}`)
    .join('|')
}

function listed(): { readonly flag: string; readonly values: readonly string[] }[] {
  return valueNames.flatMap(name => {
    const completes = completesOf(name)
    return Array.isArray(completes) ? [{ flag: `--${name}`, values: completes as readonly string[] }] : []
  })
}

function bash(_say: Say): string {
  const ask = (kind: string) => `$(unpush __complete ${kind} "\${profile[@]}" 2>/dev/null)`
  const reply = (words: string) => `COMPREPLY=($(compgen -W "${words}" -- "$cur"))`
  const files = 'compopt -o default 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))'
  const cases = (rows: readonly (readonly [pattern: string, action: string])[], indent: string) =>
    rows.filter(([pattern]) => pattern !== '').map(([pattern, action]) => `${indent}${pattern}) ${action} ;;`)
  return [
    '# unpush in bash: source <(unpush completion bash)',
    '_unpush() {',
    '  # bash splits words at colons, which ids may hold, and replaces what stands behind the last one',
    '  local -a words=()',
    '  local word last cur',
    '  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do',
    '    last=$((${#words[@]} - 1))',
    '    if ((last > 0)) && [[ $word == :* || ${words[last]} == *: ]]; then words[last]+=$word; else words[last+1]=$word; fi',
    '  done',
    '  last=$((${#words[@]} - 1)) cur=${words[${#words[@]}-1]}',
    '  COMPREPLY=()',
    '  _unpush_words',
    '  [[ $cur == "${COMP_WORDS[COMP_CWORD]}" ]] || COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*:}"}"}")',
    '}',
    '_unpush_words() {',
    '  local prev=${words[last-1]} command="" i',
    '  local -a profile=()',
    '  for ((i = 1; i < last; i++)); do',
    '    word=${words[i]}',
    '    case $word in',
    '      --profile) profile=(--profile "${words[++i]}") ;;',
    `      ${valueNames
      .filter(name => name !== 'profile')
      .map(name => `--${name}`)
      .join('|')}) ((++i)) ;;`,
    '      -*) ;;',
    '      *) [[ -n $command ]] || command=$word ;;',
    '    esac',
    '  done',
    '  case $prev in',
    ...cases(
      [
        ...kinds.map(kind => [flagsBy(kind), `${reply(ask(kind))}; return`] as const),
        [flagsBy('files'), `${files}; return`],
        ...listed().map(({ flag, values }) => [flag, `${reply(values.join(' '))}; return`] as const),
        [flagsBy(null), 'return'],
      ],
      '    ',
    ),
    '  esac',
    '  if [[ $cur == -* ]]; then',
    '    case $command in',
    ...cases(
      [
        ...entries().map(({ name, options }) => [name, reply(options.map(option => `--${option}`).join(' '))] as const),
        ['*', reply([...common, 'version'].map(option => `--${option}`).join(' '))],
      ],
      '      ',
    ),
    '    esac',
    '    return',
    '  fi',
    '  case $command in',
    ...cases(
      [
        ["''", reply(commandNames().join(' '))],
        [taking('files'), files],
        ...kinds.map(kind => [taking(kind), reply(ask(kind))] as const),
        ...entries().flatMap(({ name, completes }) =>
          Array.isArray(completes) ? [[name, reply(completes.join(' '))] as const] : [],
        ),
      ],
      '    ',
    ),
    '  esac',
    '}',
    'complete -F _unpush unpush',
  ].join('\n')
}

function zsh(say: Say): string {
  const ask = (kind: string) => `compadd -- \${(f)"$(unpush __complete ${kind} $profile 2>/dev/null)"}`
  const described = (name: string, words: string) =>
    `'${`${name}:${words.replaceAll(':', '\\:')}`.replaceAll("'", "'\\''")}'`
  const flags = (options: readonly OptionName[]) =>
    options.map(option => described(`--${option}`, say.of(optionWords[option]))).join(' ')
  const cases = (rows: readonly (readonly [pattern: string, action: string])[], indent: string) =>
    rows.filter(([pattern]) => pattern !== '').map(([pattern, action]) => `${indent}(${pattern}) ${action} ;;`)
  return [
    '#compdef unpush',
    '# unpush in zsh: source <(unpush completion zsh)',
    '_unpush() {',
    "  local command='' word",
    '  local -a line profile',
    '  integer i',
    '  for ((i = 2; i < CURRENT; i++)); do',
    '    word=$words[i]',
    '    case $word in',
    '      (--profile) ((i += 1)); profile=(--profile $words[i]) ;;',
    `      (${valueNames
      .filter(name => name !== 'profile')
      .map(name => `--${name}`)
      .join('|')}) ((i += 1)) ;;`,
    '      (-*) ;;',
    '      (*) [[ -n $command ]] || command=$word ;;',
    '    esac',
    '  done',
    '  case $words[CURRENT-1] in',
    ...cases(
      [
        ...kinds.map(kind => [flagsBy(kind), `${ask(kind)}; return`] as const),
        [flagsBy('files'), '_files; return'],
        ...listed().map(({ flag, values }) => [flag, `compadd -- ${values.join(' ')}; return`] as const),
        [flagsBy(null), 'return'],
      ],
      '    ',
    ),
    '  esac',
    '  if [[ $words[CURRENT] == -* ]]; then',
    '    case $command in',
    ...cases(
      [
        ...entries().map(({ name, options }) => [name, `line=(${flags(options)})`] as const),
        ['*', `line=(${flags([...common, 'version'])})`],
      ],
      '      ',
    ),
    '    esac',
    "    _describe 'flag' line",
    '    return',
    '  fi',
    '  case $command in',
    ...cases(
      [
        [
          "''",
          `line=(${commandNames()
            .map(name => described(name, say.of(commandWords[name])))
            .join(' ')}); _describe 'command' line`,
        ],
        [taking('files'), '_files'],
        ...kinds.map(kind => [taking(kind), ask(kind)] as const),
        ...entries().flatMap(({ name, completes }) =>
          Array.isArray(completes) ? [[name, `compadd -- ${completes.join(' ')}`] as const] : [],
        ),
      ],
      '    ',
    ),
    '  esac',
    '}',
    'compdef _unpush unpush',
  ].join('\n')
}

function fish(say: Say): string {
  const text = (words: string) => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const from = (completes: Completes | null): string => {
    if (completes === 'files') return '-r -F'
    if (completes === null) return '-x'
    const words = typeof completes === 'string' ? `(unpush __complete ${completes} 2>/dev/null)` : completes.join(' ')
    return `-x -a ${text(words)}`
  }
  const flag = (condition: string, option: OptionName) => {
    const takes = (valueNames as readonly string[]).includes(option)
    return `complete -c unpush ${condition} -l ${option} ${takes ? `${from(completesOf(option))} ` : ''}-d ${text(say.of(optionWords[option]))}`
  }
  return [
    '# unpush in fish: unpush completion fish | source',
    'complete -c unpush -f',
    ...[...common, 'version' as const].map(option => flag('', option)),
    ...commandNames().map(
      name => `complete -c unpush -n __fish_use_subcommand -a ${name} -d ${text(say.of(commandWords[name]))}`,
    ),
    ...entries().flatMap(({ name, completes }) => {
      const condition = `-n '__fish_seen_subcommand_from ${name}'`
      return [
        ...(commandOf(name)?.options ?? []).map(option => flag(condition, option)),
        ...(completes === null ? [] : [`complete -c unpush ${condition} ${from(completes)}`]),
      ]
    }),
  ].join('\n')
}
