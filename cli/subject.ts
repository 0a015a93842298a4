/** Whom a recall is about, from its flags; push tokens that are too many for one request are registered in parts. */
import { createHash } from 'node:crypto'
import type { Plan } from './answers.ts'
import type { Api } from './api.ts'
import type { Context } from './context.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'
import { linesIn } from './files.ts'
import { handleFlagNames } from './options.ts'
import { handleFlags } from '../dashboard/words/vendors/handles.ts'

export interface Subject {
  /** Members of the request. They change when `prepare` registers a message. */
  readonly body: { readonly [name: string]: unknown }
  /** The plan as people should see it. */
  readonly planned: (plan: Plan) => Plan
  /** Does what must be there before the recall starts; a second time nothing. */
  readonly prepare: (api: Api) => Promise<void>
}

/** A request takes 4 MiB and 200,000 push tokens; the rest of the body needs some room. */
const partBytes = 3_500_000
const partTokens = 200_000

/** Throws `CommandFailed` that says which flags name one. `key`: the id of what is registered is made from it. */
export async function subjectIn(context: Context, key: string): Promise<Subject> {
  const { value, say } = context
  const [message, list, content, app] = [value('message'), value('messages'), value('content'), value('app')]
  const except = value('except-tokens')
  // standard input is read once
  if (except === '-' && (value('tokens') === '-' || list === '-')) throw wrong(context)
  const named = [message, list, content, app].filter(one => one !== null)
  if (named.length !== 1) throw wrong(context)
  if (app !== null) {
    if (except !== null) throw new CommandFailed(exits.wrongInput, say('exceptBesideTarget'))
    return targetIn(context, app, key)
  }
  if ((['handle', 'tokens', ...handleFlagNames] as const).some(flag => value(flag) !== null)) throw wrong(context)
  const exceptTokens = except === null ? {} : { exceptTokens: await linesIn(context, except) }
  const one =
    message !== null ? { message } : content !== null ? { content } : { messages: await linesIn(context, list ?? '') }
  return asIs({ ...one, ...exceptTokens })
}

async function targetIn(context: Context, app: string, key: string): Promise<Subject> {
  const { value, say } = context
  const names = namesIn(context)
  const file = value('tokens')
  const flags = handleFlagNames.filter(flag => value(flag) !== null)
  const tokensOf = (which: 'never' | 'always') => flags.some(flag => handleFlags[flag].tokens === which)
  if (Object.keys(names).length === 0 || (tokensOf('never') && (tokensOf('always') || file !== null)))
    throw wrong(context)
  if (file === null && tokensOf('always'))
    throw new CommandFailed(exits.wrongInput, say('flagMissing', { flag: '--tokens' }), { next: ['--tokens FILE'] })
  if (file === null) return asIs({ target: { app, ...names } })
  const tokens = [...new Set(await linesIn(context, file))]
  const parts = partsOf(tokens)
  if (parts.length === 1) return asIs({ target: { app, ...names, tokens } })
  return inParts(app, names, parts, tokens.length, key)
}

type Names = { readonly [member: string]: string | number }

/** What names a push, by the members of the API; empty: no flag does. Throws `CommandFailed` where one is no number. */
export function namesIn({ value, say }: Context): Names {
  const handle = value('handle')
  const native = handleFlagNames.flatMap((flag): (readonly [member: string, value: string | number])[] => {
    const given = value(flag)
    if (given === null) return []
    const { member, takes }: { readonly member: string; readonly takes: string } = handleFlags[flag]
    if (takes !== 'N') return [[member, given]]
    if (!/^\d{1,10}$/.test(given)) throw new CommandFailed(exits.wrongInput, say('wrongNumber', { flag: `--${flag}` }))
    return [[member, Number(given)]]
  })
  return { ...(handle === null ? {} : { handle }), ...Object.fromEntries(native) }
}

function asIs(body: Subject['body']): Subject {
  return { body, planned: plan => plan, prepare: async () => {} }
}

/** Counted here before anything is registered: a plan that is only looked at leaves nothing behind. */
function inParts(app: string, names: Names, parts: readonly string[][], count: number, key: string): Subject {
  const body: { target?: object; message?: string } = { target: { app, ...names, tokens: [] } }
  // the same key makes the same message, however often the command is repeated
  const id = `cli-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
  let prepared = false
  return {
    body,
    planned: ({ digest: _digest, check: _check, ...plan }) => ({
      ...plan,
      devices: count,
      reach: { devices: count, basis: 'exact' },
      targets: plan.targets.map(target => ({ ...target, devices: count })),
    }),
    prepare: async api => {
      if (prepared) return
      prepared = true
      await api.ask('POST', '/v1/messages', { body: { id, targets: [{ app, ...names, tokens: [] }] } })
      for (const part of parts) {
        const text = part.map(token => `${JSON.stringify(token)}\n`).join('')
        await api.ask('POST', `/v1/messages/${id}/tokens`, {
          query: { app, ...names },
          raw: { type: 'application/x-ndjson', text },
        })
      }
      delete body.target
      body.message = id
    },
  }
}

export function partsOf(tokens: readonly string[]): string[][] {
  const parts: string[][] = [[]]
  let bytes = 0
  for (const token of tokens) {
    const size = Buffer.byteLength(JSON.stringify(token)) + 1
    const last = parts.at(-1)
    if (last === undefined || bytes + size > partBytes || last.length === partTokens) {
      parts.push([token])
      bytes = size
    } else {
      last.push(token)
      bytes += size
    }
  }
  return parts
}

function wrong({ say }: Context): CommandFailed {
  return new CommandFailed(exits.wrongInput, say('whom'), {
    next: [
      '--message ID',
      '--messages FILE',
      '--content ID',
      ...handleFlagNames.map(flag => {
        const { takes, tokens }: { readonly takes: string; readonly tokens: string } = handleFlags[flag]
        return `--app APP --${flag} ${takes}${tokens === 'always' ? ' --tokens FILE' : ''}`
      }),
    ],
  })
}
