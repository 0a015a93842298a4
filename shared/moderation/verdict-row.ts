/** A verdict as the ledger keeps it: in the order of verdicts, with what the endpoint's policy makes of it. */
import { newId } from '../ids.ts'
import type { NewVerdict } from '../ledger/verdicts.ts'
import { clip } from '../text.ts'
import type { Endpoint } from './endpoint.ts'
import { authorities, type Decision, type Verdict } from './source.ts'

const severities: { readonly [D in Decision]: number } = { block: 2, review: 1, pass: 0 }
const maxLabels = 20
const maxLabelLength = 64
const maxTextLength = 400

/** `key`: of the delivery, or of the answer to a question. `asked`: the source's own API said it, so that tier C acts too. */
export function verdictRow(
  name: string,
  endpoint: Endpoint,
  key: string,
  item: number,
  verdict: Verdict,
  asked = false,
): NewVerdict {
  const { source, overlay } = endpoint
  const operation = endpoint.operationFor(verdict, asked)
  // an action that does something counts as a block, whatever else it means
  const acting = operation !== null && verdict.decision !== 'review' ? 'block' : verdict.decision
  return {
    id: newId('vrd'),
    endpoint: name,
    deliveryKey: key,
    item,
    source: source.name,
    tier: source.tier,
    content: verdict.content,
    decision: verdict.decision,
    action: verdict.action === null ? null : clip(verdict.action, maxTextLength),
    labels: verdict.labels.slice(0, maxLabels).map(label => clip(label, maxLabelLength)),
    reason: verdict.reason === null ? null : clip(verdict.reason, maxTextLength),
    occurredAt: verdict.occurredAt,
    authority: authorities.indexOf(verdict.authority),
    round: verdict.round,
    // what nobody signed must not hide what somebody did
    severity: acting === null || (source.tier === 'C' && !asked) ? null : severities[acting],
    operation,
    overlay,
  }
}
