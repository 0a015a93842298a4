/** `approve`, `decline`, `review`: the second person sees what was asked, then decides on exactly that. */
import { isByTokens } from '../output/handle.ts'
import { decisionWords, operationWords } from '../../dashboard/words/terms.ts'
import type { Approval, Page, Recall } from '../answers.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { type Exit, exitOf, exits } from '../exit-codes.ts'
import { confirmAboveOf, readMe } from '../me.ts'
import {
  effectsOf,
  leftAlone,
  operationOf,
  reachOf,
  recallLines,
  stateOf,
  subjectOf,
  timeOf,
  wordFor,
} from '../output/recall.ts'
import { table } from '../output/table.ts'
import { plain } from '../output/text.ts'
import { recallIn } from '../recall-operand.ts'
import { serviceLine } from '../service-line.ts'

type Decision = 'approve' | 'decline' | 'review'

export const approve = (context: Context): Promise<Exit> => decide(context, 'approve')
export const decline = (context: Context): Promise<Exit> => decide(context, 'decline')
export const review = (context: Context): Promise<Exit> => decide(context, 'review')

async function decide(context: Context, decision: Decision): Promise<Exit> {
  if (context.operands.length === 0) return listWaiting(context, decision)
  const { say, note, show, terminal, value } = context
  const id = recallIn(context)
  const api = await context.api()
  const recall = (await api.ask('GET', `/v1/recalls/${id}`)).body as Recall
  const me = await readMe(api)
  note(serviceLine(say, api.connection, await api.config(), me))
  for (const line of askedLines(recall, say)) note(line)
  await confirm(context, questionOf(recall, decision, confirmAboveOf(me), say))
  const reason = value('reason')
  const digest = decision === 'review' ? undefined : recall.approval?.digest
  const body = { ...(digest === undefined ? {} : { digest }), ...(reason === null ? {} : { reason }) }
  const decided = (await api.ask('POST', `/v1/recalls/${id}/${decision}`, { body })).body as Recall
  show(decided, () => recallLines(decided, say, terminal.columns))
  // to decline and to review is all that was asked for; what is approved has an outcome of its own
  return decision === 'approve' ? exitOf(decided.state) : exits.ok
}

/** What the second person must know: who, what, why, how many, the old and the new text, and the check number. */
function askedLines(recall: Recall, say: Context['say']): string[] {
  const { approval, overlay, reason, ticket, person, requestedBy, createdAt, targets } = recall
  const fact = (name: string, text: string | null | undefined) =>
    text === null || text === undefined || text === '' ? [] : [`  ${name}  ${plain(text)}`]
  return [
    `${recall.id}  ${wordFor(operationWords, recall.operation, say)}  ${stateOf(recall, say)}`,
    ...fact(say('about'), subjectOf(recall)),
    ...leftAlone(recall, say).map(line => `  ${line}`),
    ...fact(say('askedBy'), `${person ?? requestedBy}, ${timeOf(createdAt)}`),
    ...fact(say('reason'), reason),
    ...fact(say('ticket'), ticket),
    ...(overlay === null || overlay === undefined
      ? []
      : fact(say('newText'), [overlay.title, overlay.body, overlay.url ?? ''].map(plain).join(' · '))),
    ...targets.map(
      target =>
        `  ${plain(target.app)}  ${operationOf(target, say)}  ${effectsOf(target.effects, target.provider, say)}`,
    ),
    ...(approval === null ? [] : approvalFacts(approval, say, fact)),
  ]
}

function approvalFacts(
  { reach, check, above, needed, by, expiresAt, mayDecide }: Approval,
  say: Context['say'],
  fact: (name: string, text: string | null | undefined) => string[],
): string[] {
  return [
    ...fact(say('reachName'), reach === undefined ? null : reachOf(reach.devices, reach.basis, say)),
    ...fact(say('neededName'), `${by.length}/${needed}${above === null ? '' : `, > ${say.number(above)}`}`),
    ...fact(say('untilName'), timeOf(expiresAt)),
    ...fact(say('checkName'), check),
    ...(mayDecide === false ? [`! ${say('mayNotDecide')}`] : []),
  ]
}

/** Digits where whoever asked typed them, too. */
function questionOf(recall: Recall, decision: Decision, confirmAbove: number | null, say: Context['say']) {
  const { approval } = recall
  const verb = say.of(decisionWords[decision])
  const operation = wordFor(operationWords, recall.operation, say)
  const check = approval?.check ?? null
  const reach = approval?.reach
  const toEverybody = recall.targets.some(target => target.operation === 'overlay' && !isByTokens(target))
  const many = reach !== undefined && confirmAbove !== null && reach.devices >= confirmAbove
  const large = many || toEverybody || reach?.basis === 'assumed'
  const devices = reach === undefined ? '' : reachOf(reach.devices, reach.basis, say)
  return {
    ask: say('askDecide', { verb, operation, recall: recall.id }),
    type:
      decision === 'approve' && large && check !== null
        ? { text: check, ask: say('askDecideCheck', { check, verb, operation, devices }) }
        : null,
  }
}

function isWaiting({ state, approval }: Recall): boolean {
  return state === 'pending_approval' || approval?.state === 'waiting'
}

/** What waits for who asks; for `review` what began without a second person and nobody has looked at since. */
async function listWaiting(context: Context, decision: Decision): Promise<Exit> {
  const { say, show, terminal } = context
  const api = await context.api()
  // what was added to a running one may wait, too
  const query = decision === 'review' ? { limit: 200 } : { state: 'pending_approval,running', limit: 200 }
  const page = (await api.ask('GET', '/v1/recalls', { query })).body as Page<Recall>
  const mine = page.items.filter(recall =>
    decision === 'review'
      ? recall.breakGlass === true && !recall.reviewedBy
      : isWaiting(recall) && recall.approval?.mayDecide !== false,
  )
  show({ ...page, items: mine }, () => {
    if (mine.length === 0) return [say('nothingWaits')]
    return table(
      [
        { title: say('recall') },
        { title: say('operation') },
        { title: say('about'), least: 10 },
        { title: say('reachColumn'), right: true, leaves: 2 },
        { title: say('askedBy'), least: 6, leaves: 1 },
        { title: say('untilName'), leaves: 3 },
        { title: say('checkName'), leaves: 4 },
      ],
      mine.map(recall => [
        recall.id,
        wordFor(operationWords, recall.operation, say),
        subjectOf(recall),
        recall.approval?.reach === undefined
          ? ''
          : reachOf(recall.approval.reach.devices, recall.approval.reach.basis, say),
        plain(recall.person ?? recall.requestedBy),
        recall.approval === null ? '' : timeOf(recall.approval.expiresAt),
        recall.approval?.check ?? '',
      ]),
      terminal.columns,
    )
  })
  return exits.ok
}
