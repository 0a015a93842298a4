/** `completion bash|zsh|fish`: a script from the table of commands; ids come from the hidden `__complete`. */
import type { Message, Page, Recall } from '../answers.ts'
import { type ShellName, scripts } from '../completion-scripts.ts'
import type { Context } from '../context.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { readProfiles } from '../profiles.ts'

export async function completion({ operands: [shell = ''], say, show }: Context): Promise<Exit> {
  if (!Object.hasOwn(scripts, shell)) {
    throw new CommandFailed(exits.wrongInput, say('whichShell'), {
      next: Object.keys(scripts).map(name => `unpush completion ${name}`),
    })
  }
  const script = scripts[shell as ShellName](say)
  show({ shell, script }, () => [script])
  return exits.ok
}

/** One id a line. Whatever goes wrong, it is silent: somebody is typing. */
export async function completeIds(context: Context): Promise<Exit> {
  const ids = await idsOf(context, context.operands[0] ?? '').catch((): string[] => [])
  context.terminal.out(
    ids
      .filter(id => /^[\w.:-]+$/.test(id))
      .map(id => `${id}\n`)
      .join(''),
  )
  return exits.ok
}

const quick = { tries: 1, timeoutMs: 2000 }

async function idsOf(context: Context, kind: string): Promise<string[]> {
  if (kind === 'profiles') return Object.keys((await readProfiles(context.environment, context.say)).profiles)
  const api = await context.api()
  switch (kind) {
    case 'recalls': {
      const { items } = (await api.ask('GET', '/v1/recalls', { ...quick, query: { limit: 50 } })).body as Page<Recall>
      return items.map(({ id }) => id)
    }
    case 'messages': {
      const { items } = (await api.ask('GET', '/v1/messages', { ...quick, query: { limit: 50 } })).body as Page<Message>
      return items.map(({ id }) => id)
    }
    case 'apps': {
      const { items } = (await api.ask('GET', '/v1/capabilities', quick)).body as Page<{ readonly app: string }>
      return items.map(({ app }) => app)
    }
    default:
      return []
  }
}
