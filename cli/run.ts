/** One run of the command line, from what was typed to its exit code. Never rejects. */
import { openApi } from './api.ts'
import { type AnyCommand, type CommandName, commandOf } from './commands.ts'
import type { Context } from './context.ts'
import type { Environment } from './environment.ts'
import { type Exit, exits } from './exit-codes.ts'
import { CommandFailed, type Problem } from './failure.ts'
import { helpLines } from './help.ts'
import type { OptionName } from './options.ts'
import { exitWords, outOfReach } from '../dashboard/words/cli.ts'
import { problemWords } from '../dashboard/words/terms.ts'
import { createSay, languageOf, type Say } from './output/language.ts'
import { faultText, inputErrors, refusalText, sentencesOf } from './output/notices.ts'
import { paint } from './output/paint.ts'
import { plain, plainLines, safeJson } from './output/text.ts'
import { parse } from './parse.ts'
import { connectionOf } from './profiles.ts'
import { runners } from './runners.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

export async function run(typed: readonly string[], environment: Environment, terminal: Terminal): Promise<Exit> {
  // `unpush help revoke`, as people type it
  const argv = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed
  // also where the flags themselves are wrong
  const json = argv.includes('--json')
  const say = createSay(languageOf(langIn(argv), environment.locale))
  try {
    const { name, command, operands, written } = parse(argv, say)
    const valueOf = (wanted: OptionName) => written.find(one => one.name === wanted)?.value ?? null
    const on = (wanted: OptionName) => written.some(one => one.name === wanted)
    const lang = valueOf('lang')
    if (lang !== null && !/^(en|zh)([_-].*)?$/i.test(lang))
      throw new CommandFailed(exits.wrongInput, say('wrongLanguage'), { next: ['--lang en', '--lang zh'] })
    if (on('version')) {
      terminal.out(`${version}\n`)
      return exits.ok
    }
    if (name === null || command === null || on('help')) {
      const text = `${helpLines(name as CommandName | null, say, terminal.columns).join('\n')}\n`
      // asked for, it is the result; else it is what was wrong
      if (on('help')) terminal.out(text)
      else throw new CommandFailed(exits.wrongInput, say('noCommand'), { next: ['unpush --help'] })
      return exits.ok
    }
    let api: ReturnType<Context['api']> | null = null
    const note = (line: string) => terminal.err(`${terminal.color.err ? paint(line) : line}\n`)
    const exit = await runners[name as AnyCommand]({
      say,
      terminal: on('no-input') ? { ...terminal, asks: false } : terminal,
      environment,
      operands,
      value: valueOf,
      on,
      written,
      command: name,
      api: () => (api ??= connectionOf(valueOf('profile'), environment, say).then(to => openApi(to, terminal, say))),
      show: (document, lines) =>
        terminal.out(json ? `${safeJson(document, 2)}\n` : printed(lines(), terminal.color.out)),
      note,
    })
    if (exit !== exits.ok) note(`${say.of(exitWords[exit])} (exit ${exit})`)
    return exit
  } catch (error) {
    const failed = failureOf(error, terminal, say)
    if (json) terminal.out(`${safeJson(failed.document, isStream(argv) ? undefined : 2)}\n`)
    terminal.err(
      linesOf(failed, say)
        .map(line => `${line}\n`)
        .join(''),
    )
    return failed.exit
  }
}

function printed(lines: readonly string[], color: boolean): string {
  return lines.map(line => `${color ? paint(line) : line}\n`).join('')
}

/** A page tries again by itself; here all tries are over. */
const headWords = { ...problemWords, unavailable: outOfReach }

/** Of `watch --json` every line is a document. */
function isStream(argv: readonly string[]): boolean {
  return argv.find(word => commandOf(word) !== null) === 'watch'
}

function langIn(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--lang')
  return at >= 0 ? argv[at + 1] : argv.find(word => word.startsWith('--lang='))?.slice('--lang='.length)
}

function failureOf(error: unknown, { interrupted }: Terminal, say: Say): CommandFailed {
  if (error instanceof CommandFailed) return error
  if (interrupted.aborted) return new CommandFailed(exits.interrupted, say('interrupted'))
  const message = error instanceof Error ? error.message : String(error)
  return new CommandFailed(exits.outOfReach, say('defect', { message: plain(message) }), { slug: 'internal' })
}

/** What, why, what to type next, and the id to ask about. */
function linesOf({ message, slug, document, next }: CommandFailed, say: Say): string[] {
  const known = slug !== null && Object.hasOwn(headWords, slug) ? headWords[slug as keyof typeof headWords] : null
  const notices = noticesIn(document)
  const said =
    known === null || Array.isArray(notices)
      ? sentencesOf([message], notices, say).join(' ')
      : refusalText(document, say)
  const head = known === null ? message : `${say.of(known)}${say.language === 'zh' ? '：' : ': '}${said}`
  return [
    ...plainLines(`unpush: ${head}`),
    ...errorsOf(document, say),
    ...next.map(line => `  → ${plain(line)}`),
    ...(typeof document.requestId === 'string' ? [`  ${say('requestId', { id: plain(document.requestId) })}`] : []),
  ]
}

/** Of what nothing can be done, each target has its own. */
function noticesIn({ notices, targets }: Problem): unknown {
  if (!Array.isArray(targets)) return notices
  return targets.flatMap((target: { readonly notices?: unknown } | null) => target?.notices ?? [])
}

function errorsOf(problem: Problem, say: Say): string[] {
  return inputErrors(problem).map(({ path, message }) => `  ${plain(path)} ${faultText(message, say)}`)
}
