/** One recall: how far it got, what holds it up, what each vendor answered, and how it came to that. */
import { useEffect, useRef } from 'preact/hooks'
import { places } from '../../words/terms.ts'
import { isSettled, paceOfRecall, type RecallPart, subjectOf } from '../about-recall.ts'
import type { Recall, RecallEvent } from '../answers.ts'
import { language, say, w } from '../language.ts'
import { ApprovalCard } from '../parts/approval-card.tsx'
import { Freshness, Loaded, ProblemNotice } from '../parts/notice.tsx'
import { Acts, BreakGlass } from '../parts/recall-acts.tsx'
import { Facts } from '../parts/recall-facts.tsx'
import { Blocked, Ended, Progress } from '../parts/recall-progress.tsx'
import { Targets } from '../parts/recall-targets.tsx'
import { StopMeanwhile } from '../parts/stop-meanwhile.tsx'
import { PageHead } from '../parts/shell.tsx'
import { State, isUnapproved, titleOf } from '../parts/status.tsx'
import { Said } from '../parts/text.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { useResource } from '../resource.ts'

export function RecallPage({ id, dialog }: { readonly id: string; readonly dialog: string | null }) {
  const recall = useResource<Recall>(`/v1/recalls/${encodeURIComponent(id)}`, paceOfRecall)
  const settled = recall?.data.value !== null && recall?.data.value !== undefined && isSettled(recall.data.value)
  // a settled recall is told once more: its last answers came with its end
  const events = useResource<{ readonly items: readonly RecallEvent[] }>(
    `/v1/recalls/${encodeURIComponent(id)}/events`,
    () => {
      const now = recall?.data.peek() ?? null
      return { pace: now !== null && isSettled(now) ? 'still' : 'list' }
    },
  )
  const was = useRef(settled)
  useEffect(() => {
    if (was.current !== settled) events?.refresh()
    was.current = settled
  }, [settled])
  const back = { link: '#/recalls', name: say(places.recalls) }
  return (
    <Loaded resource={recall} rows={6} head={<PageHead back={back} title={<Said text={id} />} />}>
      {found => (
        <>
          <PageHead
            back={back}
            title={
              <>
                {titleOf(found.operation)}
                {language.value === 'zh' ? '' : ' '}“<Said text={subjectOf(found)} />”
              </>
            }
            beside={<State state={found.state} pill unapproved={isUnapproved(found)} />}
          >
            <Freshness resource={recall} />
          </PageHead>
          <div class="recall-page">
            <div class="main-column">
              {found.state === 'pending_approval' ? (
                <>
                  <ApprovalCard recall={found} reread={() => recall?.refresh()} alone dialog={dialog} />
                  <StopMeanwhile recall={found} reread={() => recall?.refresh()} dialog={dialog} />
                </>
              ) : (
                <>
                  <Ended recall={found} />
                  <Progress recall={found} />
                  <Growth recall={found} reread={() => recall?.refresh()} dialog={dialog} />
                </>
              )}
              <Blocked recall={found} />
              <BreakGlass recall={found} reread={() => recall?.refresh()} dialog={dialog} />
              <Targets recall={found} />
              <Acts
                recall={found}
                events={events?.data.value?.items ?? null}
                reread={() => {
                  recall?.refresh()
                  events?.refresh()
                }}
                dialog={dialog}
              />
            </div>
            <aside class="card side">
              <h2>{w('timeline')}</h2>
              {events === null ? null : events.problem.value === null ? (
                <Timeline events={events.data.value?.items ?? []} />
              ) : (
                <ProblemNotice problem={events.problem.value} retry={events.refresh} />
              )}
              <Facts recall={found} events={events?.data.value?.items ?? []} />
            </aside>
          </div>
        </>
      )}
    </Loaded>
  )
}

/** Something joined that is more than what was agreed to. */
function Growth({ recall, reread, dialog }: RecallPart) {
  const { approval } = recall
  if (approval?.because !== 'growth' || approval.state !== 'waiting') return null
  return <ApprovalCard recall={recall} reread={reread} alone dialog={dialog} />
}
