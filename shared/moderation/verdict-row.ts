/** A verdict as the ledger keeps it: in the order of verdicts, with what the endpoint's document makes of it. */
import { newId } from '../ids.ts'
import type { NewVerdict } from '../ledger/verdicts.ts'
import { clip } from '../text.ts'
import { sha256Of } from './digests.ts'
import type { Endpoint } from './endpoint.ts'
import { authorities, type Decision, type Reading, type Verdict, verdictOf } from './source.ts'

const severities: { readonly [D in Decision]: number } = { block: 2, review: 1, pass: 0 }
const maxLabels = 20
const maxLabelLength = 64
const maxTextLength = 400
/** A genuine delivery that somebody kept back must not act on what has been sent since. */
const longestMs = 24 * 3600 * 1000

export interface Receipt {
  /** Of the endpoint. */
  readonly name: string
  readonly endpoint: Endpoint
  /** Of the delivery, or of the answer to a question. */
  readonly key: string
  readonly nowMs: number
  /** The source's own API said it, so that tier C acts too. */
  readonly asked: boolean
}

export function verdictRows(receipt: Receipt, said: Reading): NewVerdict[] {
  return said.map(one =>
    'unreadable' in one
      ? {
          ...rowOf(receipt, verdictOf({ content: null }), false),
          fault: 'unreadable',
          problem: `It is genuine and cannot be read: ${one.unreadable}.`,
        }
      : judgedRow(receipt, one),
  )
}

function judgedRow(receipt: Receipt, verdict: Verdict): NewVerdict {
  const { endpoint, asked, nowMs } = receipt
  if (verdict.content === null) {
    const problem = 'It is genuine and cannot be read: it names no content that a message could carry.'
    return { ...rowOf(receipt, verdict, false), fault: 'unreadable', problem }
  }
  const dated = endpoint.source.tier === 'B' && !asked ? verdict.occurredAt : null
  if (dated !== null && nowMs - dated.getTime() > longestMs) {
    return { ...rowOf(receipt, verdict, false), fault: 'stale', problem: 'It is dated more than a day before it came.' }
  }
  if (!endpoint.counts(verdict.type)) {
    const problem = `Items of the type ${clip(verdict.type?.id ?? '', maxLabelLength)} do not count at this endpoint.`
    return { ...rowOf(receipt, verdict, false), problem }
  }
  return rowOf(receipt, verdict, true)
}

/** `counts` false: it takes no part, and nothing is done about it. */
function rowOf({ name, endpoint, key, asked }: Receipt, verdict: Verdict, counts: boolean): NewVerdict {
  const { source, overlay, apps, appealOf } = endpoint
  const operation = counts ? endpoint.operationFor(verdict, asked) : null
  // an action that does something counts as a block, whatever else it means
  const acting = operation !== null && verdict.decision !== 'review' ? 'block' : verdict.decision
  // what nobody signed must not hide what somebody did
  const ranked = counts && acting !== null && (source.tier !== 'C' || asked)
  const claimed = Math.min(authorities.indexOf(verdict.authority), authorities.indexOf(endpoint.authority))
  return {
    id: newId('vrd'),
    endpoint: name,
    deliveryKey: sha256Of(name, '\0', key).toString('hex'),
    source: source.name,
    tier: source.tier,
    content: verdict.content,
    decision: verdict.decision,
    action: verdict.action === null ? null : clip(verdict.action, maxTextLength),
    labels: verdict.labels.slice(0, maxLabels).map(label => clip(label, maxLabelLength)),
    reason: verdict.reason === null ? null : clip(verdict.reason, maxTextLength),
    occurredAt: verdict.occurredAt,
    authority: claimed,
    round: verdict.round,
    severity: ranked ? severities[acting] : null,
    outranks: [name, ...appealOf],
    operation,
    overlay,
    apps,
    approvalAbove: endpoint.approvalAbove,
    fault: null,
    problem: null,
  }
}
