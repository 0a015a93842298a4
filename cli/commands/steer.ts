/** `cancel`, `retry`: what happens to a recall that was started. */
import { operationWords } from '../../dashboard/words/terms.ts'
import type { Recall } from '../answers.ts'
import type { Api } from '../api.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { type Exit, exitOf, exits } from '../exit-codes.ts'
import { recallLines, subjectOf, wordFor } from '../output/recall.ts'
import { recallIn } from '../recall-operand.ts'
import { serviceLine } from '../service-line.ts'

export async function cancel(context: Context): Promise<Exit> {
  const { say } = context
  await steer(context, 'cancel', recall => say('askCancel', describe(recall, say)))
  return exits.ok
}

export async function retry(context: Context): Promise<Exit> {
  const { say } = context
  const recall = await steer(context, 'retry', recall => say('askRetry', describe(recall, say)))
  return exitOf(recall.state)
}

async function steer(context: Context, act: 'cancel' | 'retry', ask: (recall: Recall) => string): Promise<Recall> {
  const { say, note, show, terminal, value } = context
  const id = recallIn(context)
  const api = await context.api()
  const before = (await api.ask('GET', `/v1/recalls/${id}`)).body as Recall
  note(serviceLine(say, api.connection, await api.config(), null))
  for (const line of recallLines(before, say, terminal.columns)) note(line)
  await confirm(context, { ask: ask(before), type: null })
  const reason = value('reason')
  const recall = await asked(api, id, act, reason === null ? {} : { reason })
  show(recall, () => [
    ...recallLines(recall, say, terminal.columns),
    ...(act === 'cancel' ? [say('cancelLeaves')] : []),
  ])
  return recall
}

/** A first try whose answer was lost has retried the recall already: the second is told that it runs. */
async function asked(api: Api, id: string, act: 'cancel' | 'retry', body: object): Promise<Recall> {
  const answer = await api.try('POST', `/v1/recalls/${id}/${act}`, { body })
  if (answer.status === 409 && answer.tries > 1 && act === 'retry') {
    const now = (await api.ask('GET', `/v1/recalls/${id}`)).body as Recall
    if (now.state === 'running') return now
  }
  if (answer.status < 200 || answer.status >= 300) throw api.refusal(answer)
  return answer.body as Recall
}

function describe(recall: Recall, say: Context['say']) {
  return { operation: wordFor(operationWords, recall.operation, say), subject: subjectOf(recall) }
}
