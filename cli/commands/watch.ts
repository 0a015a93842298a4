/** `watch`: a recall to its end. */
import type { Recall } from '../answers.ts'
import type { Context } from '../context.ts'
import type { Exit } from '../exit-codes.ts'
import { follow, untilOf } from '../follow.ts'
import { recallLines } from '../output/recall.ts'
import { safeJson } from '../output/text.ts'
import { recallIn } from '../recall-operand.ts'

export async function watch(context: Context): Promise<Exit> {
  const { on, say, terminal, show } = context
  const until = untilOf(context)
  const id = recallIn(context)
  const api = await context.api()
  const first = (await api.ask('GET', `/v1/recalls/${id}`)).body as Recall
  const each = on('json') ? (recall: Recall) => terminal.out(`${safeJson(recall)}\n`) : undefined
  const { recall, exit } = await follow(context, api, first, until, each)
  if (!on('json')) show(recall, () => recallLines(recall, say, terminal.columns))
  return exit
}
