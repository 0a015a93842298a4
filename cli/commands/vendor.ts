/** `status`, `capabilities`: what a vendor says of one push, and what it can take back at all. */
import { effectWords, operationWords } from '../../dashboard/words/terms.ts'
import { vendorStatusWords } from '../../dashboard/words/vendors/names.ts'
import type { EffectOnChannel } from '../answers.ts'
import type { Context } from '../context.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { saidText } from '../output/notices.ts'
import { channelOf, effectsOf, timeOf, wordFor } from '../output/recall.ts'
import { plain, wrap } from '../output/text.ts'
import { namesIn } from '../subject.ts'

interface VendorStatus {
  readonly app: string
  readonly provider: string
  readonly handle?: string
  readonly status: string | null
  readonly scheduled: boolean | null
  readonly asOf: string
  readonly stale: string | null
  readonly notices?: unknown
  readonly vendor: { readonly code: string | null; readonly message: string | null } | null
}

export async function vendorStatus(context: Context): Promise<Exit> {
  const { value, say, show } = context
  const app = value('app')
  const names = namesIn(context)
  const missing = app === null ? '--app' : Object.keys(names).length === 0 ? '--handle' : null
  if (missing !== null)
    throw new CommandFailed(exits.wrongInput, say('flagMissing', { flag: missing }), { next: [`${missing} …`] })
  const api = await context.api()
  const found = (await api.ask('GET', '/v1/status', { query: { app, ...names } })).body as VendorStatus
  show(found, () => [
    `${plain(found.app)}  ${plain(found.handle ?? Object.values(names).join(' '))}`,
    `  ${found.status === null ? say('notKnown') : `${wordFor(vendorStatusWords, found.status, say)} (${plain(found.status)})`}`,
    `  ${say('saysVendor', { vendor: plain(found.provider), time: timeOf(found.asOf) })}`,
    ...(found.scheduled === true ? [`  ${say('isScheduled')}`] : []),
    ...(found.stale === null ? [] : [`! ${saidText(found.stale, found.notices, say)}`]),
  ])
  return exits.ok
}

interface AppCapabilities {
  readonly app: string
  readonly provider: string | null
  readonly problem: string | null
  readonly notices?: unknown
  readonly operations?: readonly {
    readonly operation: string
    readonly supported: boolean
    readonly refusal: string | null
    readonly notices?: unknown
    readonly effects: readonly EffectOnChannel[]
    readonly warnings: readonly string[]
    readonly channels: readonly {
      readonly channel: string
      readonly effect: string
      readonly source?: string
      readonly asOf?: string
      readonly until?: string
      readonly note?: string
    }[]
  }[]
}

export async function capabilities(context: Context): Promise<Exit> {
  const { value, say, show, terminal } = context
  const api = await context.api()
  const answer = (await api.ask('GET', '/v1/capabilities', { query: { app: value('app') } })).body as {
    readonly items: readonly AppCapabilities[]
  }
  const room = terminal.columns ?? 120
  show(answer, () =>
    answer.items.flatMap(app => [
      `${plain(app.app)}${app.provider === null ? '' : ` (${plain(app.provider)})`}`,
      ...(app.problem === null ? [] : [`  ! ${saidText(app.problem, app.notices, say)}`]),
      ...(app.operations ?? []).flatMap(one => operationLines(one, app.provider, say, room)),
    ]),
  )
  return exits.ok
}

function operationLines(
  { operation, supported, refusal, notices, effects, channels }: NonNullable<AppCapabilities['operations']>[number],
  provider: string | null,
  say: Context['say'],
  room: number,
): string[] {
  const name = wordFor(operationWords, operation, say)
  if (!supported) return wrap(`  ${name}  ✕ ${saidText(refusal ?? '', notices, say)}`, room)
  // the table knows channels that this app has none of
  const own = channels.filter(({ channel }) => effects.some(effect => effect.channel === channel))
  const dated = own.flatMap(({ channel, effect, until }) =>
    until === undefined
      ? []
      : [
          `    † ${channelOf(channel, provider, say)}: ${wordFor(effectWords, effect, say)}, ${say('untilDay', { day: plain(until) })}`,
        ],
  )
  const sources = [
    ...new Set(channels.flatMap(({ source, asOf }) => (source === undefined ? [] : [`${source} (${asOf ?? '–'})`]))),
  ]
  return [
    ...wrap(`${name}  ${effectsOf(effects, provider, say)}`, room - 2).map(
      (line, index) => `${index === 0 ? '  ' : '    '}${line}`,
    ),
    ...dated,
    ...sources.map(source => `    ${plain(source)}`),
  ]
}
