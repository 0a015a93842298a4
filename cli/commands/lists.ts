/** `messages`, `recalls`: what was sent, and what was taken back. */
import { operationWords, stateWords } from '../../dashboard/words/terms.ts'
import type { Message, Page, Recall, RecallEvent } from '../answers.ts'
import type { Context } from '../context.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { instantOf } from '../durations.ts'
import { eventLines } from '../output/events.ts'
import { reachOf, recallLines, stateOf, subjectOf, timeOf, wordFor } from '../output/recall.ts'
import { table } from '../output/table.ts'
import { plain } from '../output/text.ts'
import { recallIn } from '../recall-operand.ts'

export async function messages(context: Context): Promise<Exit> {
  const { say, show, note, terminal } = context
  const page = await pageOf<Message>(context, '/v1/messages')
  show(page, () => {
    if (page.items.length === 0) return [say('noMessages')]
    return table(
      [
        { title: say('message'), least: 16 },
        { title: say('title'), least: 10 },
        { title: say('apps'), least: 6, leaves: 3 },
        { title: say('reachColumn'), right: true, leaves: 2 },
        { title: say('recall'), least: 8, leaves: 1 },
        { title: say('sent'), leaves: 4 },
      ],
      page.items.map(message => [
        plain(message.id),
        plain(message.title ?? ''),
        say.list([...new Set(message.targets.map(({ app }) => plain(app)))]),
        reachIn(message, say),
        message.recall === null ? '' : wordFor(stateWords, message.recall.state ?? '–', say),
        timeOf(message.sentAt ?? message.createdAt),
      ]),
      terminal.columns,
    )
  })
  tellOfMore(page, note, say)
  return exits.ok
}

/** The service's own sum, else the sum of what is known of the targets. */
function reachIn({ reach, targets }: Message, say: Context['say']): string {
  if (reach !== undefined && reach !== null) return reachOf(reach.devices, reach.basis, say)
  const known = targets.flatMap(({ devices, audienceSize }) => devices ?? audienceSize ?? [])
  if (known.length === 0) return ''
  const exact = targets.every(({ devices }) => devices !== null && devices !== undefined)
  return reachOf(
    known.reduce((a, b) => a + b, 0),
    exact ? 'exact' : null,
    say,
  )
}

export async function recalls(context: Context): Promise<Exit> {
  const { say, show, note, terminal, operands } = context
  if (/^rcl_|[/]recalls[/]rcl_/.test(operands[0] ?? '')) return oneRecall(context)
  const page = await pageOf<Recall>(context, '/v1/recalls')
  show(page, () => {
    if (page.items.length === 0) return [say('noRecalls')]
    return table(
      [
        { title: say('recall') },
        { title: say('state'), least: 8 },
        { title: say('operation'), leaves: 2 },
        { title: say('about'), least: 10, leaves: 1 },
        { title: say('acceptedColumn'), right: true, leaves: 4 },
        { title: say('askedBy'), least: 6, leaves: 3 },
        { title: say('began'), leaves: 5 },
      ],
      page.items.map(recall => [
        recall.id,
        stateOf(recall, say),
        wordFor(operationWords, recall.operation, say),
        subjectOf(recall),
        recall.devices === null ? '–' : `${say.number(recall.devices.accepted)}/${say.number(recall.devices.total)}`,
        plain(recall.person ?? recall.requestedBy),
        timeOf(recall.createdAt),
      ]),
      terminal.columns,
    )
  })
  tellOfMore(page, note, say)
  return exits.ok
}

/** In full, with its timeline; a service that keeps none is told of. */
async function oneRecall(context: Context): Promise<Exit> {
  const { say, show, on, terminal } = context
  const id = recallIn(context)
  const api = await context.api()
  const recall = (await api.ask('GET', `/v1/recalls/${id}`)).body as Recall
  const timeline = on('json') ? null : await api.try('GET', `/v1/recalls/${id}/events`)
  const items = timeline?.status === 200 ? (timeline.body as Page<RecallEvent>).items : null
  show(recall, () => [
    ...recallLines(recall, say, terminal.columns),
    '',
    say('timeline'),
    ...(items === null ? [`  ${say('noTimeline')}`] : eventLines(items, say)),
  ])
  return exits.ok
}

async function pageOf<Item>(context: Context, path: string): Promise<Page<Item>> {
  const { value, operands, say, terminal } = context
  const since = value('since')
  const from = since === null ? null : instantOf(since, terminal.now())
  if (since !== null && from === null)
    throw new CommandFailed(exits.wrongInput, say('wrongSince'), {
      next: ['--since 2h', '--since 2026-11-23T03:00:00+08:00'],
    })
  const limit = value('limit')
  if (limit !== null && !/^([1-9]\d?|1\d\d|200)$/.test(limit))
    throw new CommandFailed(exits.wrongInput, say('wrongLimit'))
  const query = {
    q: operands[0] || null,
    app: value('app'),
    state: value('state'),
    from,
    limit,
    cursor: value('cursor'),
  }
  const api = await context.api()
  return (await api.ask('GET', path, { query })).body as Page<Item>
}

function tellOfMore({ nextCursor }: Page<unknown>, note: Context['note'], say: Context['say']): void {
  if (nextCursor !== null && nextCursor !== undefined) note(say('more', { cursor: plain(nextCursor) }))
}
