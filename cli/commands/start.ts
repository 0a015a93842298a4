/** `revoke`, `stop`, `overlay`, `correct`: plan, agree, start, and follow where that is asked for. */
import { vendorHandles } from '../../dashboard/words/vendors/handles.ts'
import { operationTitles, operationWords } from '../../dashboard/words/terms.ts'
import type { Me, Plan, Recall } from '../answers.ts'
import type { Answer, Api } from '../api.ts'
import { confirm, newKey, repeatLine, required } from '../confirm.ts'
import type { Context } from '../context.ts'
import { type Exit, exitOf, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { textOf } from '../files.ts'
import { follow, isSettled, untilOf } from '../follow.ts'
import { madeBefore } from '../made-before.ts'
import { confirmAboveOf, readMe } from '../me.ts'
import { isLarge, planLines, reachIn } from '../output/plan.ts'
import { reachOf, recallLines, warningLines, wordFor } from '../output/recall.ts'
import { serviceLine } from '../service-line.ts'
import { subjectIn } from '../subject.ts'

type Started = 'revoke' | 'stop' | 'overlay' | 'correct'

const paths: { readonly [S in Started]: string } = {
  revoke: '/v1/revoke',
  stop: '/v1/stop',
  overlay: '/v1/overlay',
  correct: '/v1/corrections',
}

export const revoke = (context: Context): Promise<Exit> => start(context, 'revoke')
export const stop = (context: Context): Promise<Exit> => start(context, 'stop')
export const overlay = (context: Context): Promise<Exit> => start(context, 'overlay')
export const correct = (context: Context): Promise<Exit> => start(context, 'correct')

/** Plans that change while they are agreed to: so many are shown. */
const mostPlans = 5

async function start(context: Context, operation: Started): Promise<Exit> {
  const { say, on, terminal, note } = context
  const until = untilOf(context)
  const mostDevices = mostDevicesIn(context)
  const key = context.value('idempotency-key') ?? newKey()
  const subject = await subjectIn(context, key)
  const members = await membersIn(context, operation)
  const api = await context.api()
  const [me, service] = await Promise.all([readMe(api), api.config()])
  let plan = subject.planned(await planned(api, operation, { ...subject.body, ...members }))
  if (on('dry-run')) {
    context.show(plan, () => [serviceLine(say, api.connection, service, me), ...planLines(plan, say, terminal.columns)])
    return exits.ok
  }
  note(serviceLine(say, api.connection, service, me))
  const said = { ...members, reason: await required(context, 'reason', say('askReason')) }
  for (let shown = 1; ; shown++) {
    for (const line of planLines(plan, say, terminal.columns)) note(line)
    refuseTooMany(plan, mostDevices, say)
    await confirm(context, questionOf(context, operation, plan, me))
    await subject.prepare(api)
    const answer = await send(context, api, operation, { ...subject.body, ...said, ...expectOf(plan) }, key, until)
    if (answer.status >= 200 && answer.status < 300) return ended(context, api, answer, until, plan)
    const before = await madeBefore(api, answer, operation, { ...subject.body, ...said })
    if (before !== null) return ended(context, api, before, until, plan)
    const changed = (answer.body as { plan?: Plan } | null)?.plan
    if (answer.status !== 409 || changed === undefined || shown === mostPlans) throw api.refusal(answer)
    plan = subject.planned(changed)
    note(`! ${say('planChanged')}`)
  }
}

async function ended(context: Context, api: Api, answer: Answer, until: number | null, plan: Plan): Promise<Exit> {
  const { say, terminal, note, show, on } = context
  const first = answer.body as Recall
  if (first.deduplicated === true) note(say('joined', { recall: first.id }))
  const waits = on('wait') || until !== null
  const { recall, exit } = waits
    ? await follow(context, api, first, until)
    : { recall: first, exit: exitOf(first.state) }
  // who reads the result at a terminal has just read the plan there
  const known = terminal.asks ? warningLines(plan.targets, say) : []
  show(recall, () => recallLines(recall, say, terminal.columns, known))
  if (!waits && !isSettled(recall)) note(`  → unpush watch ${recall.id}`)
  return exit
}

async function planned(api: Api, operation: Started, body: object): Promise<Plan> {
  const answer = await api.ask('POST', paths[operation], { body: { ...body, dryRun: true } })
  return answer.body as Plan
}

/** Whatever answer comes is handed back; none at all: says how to ask again without doing it twice. */
async function send(
  context: Context,
  api: Api,
  operation: Started,
  body: object,
  key: string,
  until: number | null,
): Promise<Answer> {
  const left = until === null ? 5 : Math.ceil((until - context.terminal.now()) / 1000)
  const wait = context.on('wait') || until !== null ? Math.min(5, Math.max(1, left)) : 2
  const again = [context.say('notKnownWhether'), repeatLine(context, key)]
  try {
    const answer = await api.try('POST', paths[operation], { body, idempotencyKey: key, wait })
    // a proxy may have lost the answer of a service that took it
    if (answer.status < 500 && answer.status !== 429) return answer
    const failed = api.refusal(answer)
    throw new CommandFailed(failed.exit, failed.message, { next: [...failed.next, ...again], problem: failed.document })
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.next.includes(again[1] ?? '')) throw error
    if (error.exit !== exits.outOfReach && error.exit !== exits.interrupted) throw error
    throw new CommandFailed(error.exit, error.message, { next: [...error.next, ...again] })
  }
}

/** What stands beside whom it is about. */
async function membersIn(context: Context, operation: Started): Promise<{ readonly [name: string]: unknown }> {
  const { value, on, say } = context
  const meanwhile = value('meanwhile')
  if (meanwhile !== null && meanwhile !== 'stop')
    throw new CommandFailed(exits.wrongInput, say('onlyStop'), { next: ['--meanwhile stop'] })
  const ticket = value('ticket')
  if (on('break-glass') && ticket === null)
    throw new CommandFailed(exits.wrongInput, say('breakGlassTicket'), { next: ['--ticket INC-7'] })
  const reason = value('reason')
  return {
    ...(reason === null ? {} : { reason }),
    ...(ticket === null ? {} : { ticket }),
    ...(on('no-fallback') ? { fallback: false } : {}),
    ...(on('supersede') ? { supersede: true } : {}),
    ...(on('again') ? { again: true } : {}),
    ...(on('break-glass') ? { breakGlass: true } : {}),
    ...(meanwhile === null ? {} : { meanwhile }),
    ...(operation === 'overlay' || operation === 'correct' ? { overlay: await overlayIn(context) } : {}),
  }
}

async function overlayIn(context: Context): Promise<object> {
  const { value, on, say } = context
  const link = value('link')
  const file = value('options')
  return {
    title: await required(context, 'title', say('askTitle')),
    body: await required(context, 'body', say('askBody')),
    ...(link === null ? {} : { url: link }),
    ...(on('force-collapse') ? { forceCollapse: true } : {}),
    ...(file === null ? {} : { options: optionsOf(await textOf(context, file), file, say) }),
  }
}

function optionsOf(text: string, file: string, say: Context['say']): object {
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read
  } catch {
    // told below, as of what is no object
  }
  throw new CommandFailed(exits.wrongInput, say('noJsonObject', { file }), {
    next: [
      `{${Object.keys(vendorHandles)
        .slice(0, 2)
        .map(vendor => `"${vendor}":{…}`)
        .join(',')}}`,
    ],
  })
}

function mostDevicesIn({ value, say }: Context): number | null {
  const text = value('max-devices')
  if (text === null) return null
  if (!/^\d{1,12}$/.test(text)) throw new CommandFailed(exits.wrongInput, say('wrongNumber', { flag: '--max-devices' }))
  return Number(text)
}

function refuseTooMany(plan: Plan, most: number | null, say: Context['say']): void {
  if (most === null) return
  const reach = reachIn(plan)
  if (reach !== null && reach.devices <= most) return
  const devices = reach === null ? '?' : reachOf(reach.devices, reach.basis, say)
  throw new CommandFailed(exits.ended, say('tooManyDevices', { devices, most: say.number(most) }), {
    members: { plan },
  })
}

/** The start goes by the plan that was shown; a service that made no digest is asked without. */
function expectOf({ digest }: Plan): { readonly expect?: string } {
  return digest === undefined ? {} : { expect: digest }
}

function questionOf({ say }: Context, operation: Started, plan: Plan, me: Me | null) {
  const reach = reachIn(plan)
  const devices = reach === null ? '?' : reachOf(reach.devices, reach.basis, say)
  const verb = wordFor(operationWords, operation, say)
  const large = isLarge(plan, confirmAboveOf(me))
  // a service that makes no check number: the number of devices stands in for it
  const text = plan.check ?? (reach === null ? null : String(reach.devices))
  return {
    ask: say('askYes', {
      operation: wordFor(operationTitles, operation, say),
      devices,
    }),
    type: large && text !== null ? { text, ask: say('askCheck', { check: text, operation: verb, devices }) } : null,
  }
}
