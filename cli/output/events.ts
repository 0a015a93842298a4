/** The timeline of a recall, one line per event. */
import type { RecallEvent } from '../answers.ts'
import { blockedWords, operationWords, outcomeWords, stateWords } from '../../dashboard/words/terms.ts'
import { eventKinds } from '../../dashboard/words/cli.ts'
import type { Say } from './language.ts'
import { saidText } from './notices.ts'
import { timeOf, wordFor } from './recall.ts'
import { plain } from './text.ts'

export function eventLines(events: readonly RecallEvent[], say: Say): string[] {
  return events.map(event => {
    const { at, until, kind, decision } = event
    const [begun, ended] = [timeOf(at), timeOf(until)]
    const span = until !== undefined && until !== null && ended !== begun ? `–${ended.slice(11, 19)}` : ''
    const what = wordFor(eventKinds, kind === 'decided' && decision !== undefined ? decision : kind, say)
    return `  ${begun}${span}  ${[what, ...factsOf(event, say)].join(' · ')}`
  })
}

function factsOf(event: RecallEvent, say: Say): string[] {
  const {
    person,
    actor,
    reason,
    ticket,
    state,
    app,
    call,
    outcome,
    code,
    calls,
    by,
    detail,
    notices,
    requestIds,
    audit,
  } = event
  return [
    person ?? actor,
    reason === undefined ? null : `“${reason}”`,
    ticket,
    state === undefined ? null : wordFor(stateWords, state, say),
    app,
    call === undefined ? null : wordFor(operationWords, call, say),
    calls === undefined ? null : `×${calls}`,
    outcome === undefined ? null : wordFor(outcomeWords, outcome, say),
    code,
    by === undefined ? null : wordFor(blockedWords, by, say),
    detail === undefined || detail === null ? null : saidText(detail, notices, say),
    requestIds === undefined || requestIds.length === 0 ? null : requestIds.slice(0, 3).join(' '),
    audit === undefined || audit === null ? null : `#${audit.seq}`,
  ].flatMap(part => (part === null || part === undefined || part === '' ? [] : [plain(part)]))
}
