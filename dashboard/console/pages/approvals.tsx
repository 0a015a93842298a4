/** What waits for another person, what was decided lately, and what ran without one and is to be reviewed. */
import { decisionWords, places } from '../../words/terms.ts'
import type { List, Recall } from '../answers.ts'
import { language, say, w } from '../language.ts'
import { wholeDevices } from '../numbers.ts'
import { OffWith } from '../parts/controls.tsx'
import { ApprovalCard, whyNotDecide, whyNotSecond } from '../parts/approval-card.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Freshness, Loaded } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { State, isUnapproved, titleOf } from '../parts/status.tsx'
import { At, Said } from '../parts/text.tsx'
import { reachOfRecall } from '../reach.ts'
import { useResource } from '../resource.ts'
import { linkOf } from '../router.ts'
import { me } from '../session.ts'
import { subjectOf } from '../about-recall.ts'

export function Approvals({ id, dialog }: { readonly id: string | null; readonly dialog: string | null }) {
  const waiting = useResource<List<Recall>>('/v1/recalls?state=pending_approval&limit=100', () => ({
    pace: 'approval',
  }))
  const lately = useResource<List<Recall>>('/v1/recalls?limit=100', () => ({ pace: 'slow' }))
  const items = waiting?.data.value?.items ?? []
  // what this person may decide stands first, and of those what ends first
  const sorted = [...items].sort(
    (a, b) =>
      Number(whyNotDecide(a) !== null) - Number(whyNotDecide(b) !== null) ||
      (a.approval?.expiresAt ?? '').localeCompare(b.approval?.expiresAt ?? ''),
  )
  const mine = items.filter(recall => whyNotDecide(recall) === null).length
  const recent = lately?.data.value?.items ?? []
  const decided = recent.filter(({ approval, state }) => approval !== null && state !== 'pending_approval')
  const toReview = recent.filter(({ breakGlass, reviewedBy }) => breakGlass === true && (reviewedBy ?? null) === null)
  return (
    <>
      <PageHead
        title={say(places.approvals)}
        beside={
          <span class="soft">
            {waiting?.data.value === null
              ? ''
              : items.length === 0
                ? ''
                : w('waitingForYou', { n: items.length, mine, who: me.value?.person ?? w('you') })}
          </span>
        }
      >
        <Freshness resource={waiting} />
      </PageHead>
      <div class="approvals-page">
        <div class="main-column">
          <Loaded resource={waiting}>
            {() =>
              items.length === 0 ? (
                <Empty title={w('nothingWaits')}>
                  {decided[0] === undefined ? null : (
                    <p>
                      {w('lastDecision')} <At at={decided[0].settledAt ?? decided[0].createdAt} />
                    </p>
                  )}
                </Empty>
              ) : (
                sorted.map(recall => (
                  <ApprovalCard
                    key={recall.id}
                    recall={recall}
                    dialog={recall.id === id ? dialog : null}
                    reread={() => {
                      waiting?.refresh()
                      lately?.refresh()
                    }}
                  />
                ))
              )
            }
          </Loaded>
        </div>
        <aside class="side-column">
          {toReview.length === 0 ? null : (
            <section class="card side">
              <h2>
                <span class="warn">
                  <Icon name="bolt" />
                </span>{' '}
                {w('toReviewTitle')}
              </h2>
              {toReview.map(recall => (
                <div key={recall.id} class="review">
                  <b>
                    {titleOf(recall.operation)}
                    {language.value === 'zh' ? '' : ' '}“<Said text={subjectOf(recall)} />”
                  </b>
                  <span class="second">
                    {w('ranBy', { person: recall.person ?? recall.requestedBy })} <At at={recall.createdAt} />{' '}
                    {recall.ticket === null ? '' : '· '}
                    <Said text={recall.ticket ?? ''} />
                  </span>
                  <span class="second">{wholeDevices(reachOfRecall(recall))}</span>
                  <Review recall={recall} />
                </div>
              ))}
            </section>
          )}
          <section class="card side">
            <h2>{w('decidedLately')}</h2>
            {decided.length === 0 ? <p class="soft">{w('noneSoFar')}</p> : null}
            <ul class="history">
              {decided.slice(0, 8).map(recall => (
                <li key={recall.id}>
                  <a href={linkOf(['recalls', recall.id])}>
                    <Decision recall={recall} />
                  </a>
                  <span class="second">
                    {titleOf(recall.operation)}
                    {language.value === 'zh' ? '' : ' '}“<Said text={subjectOf(recall)} />” ·{' '}
                    {w('requestedShort', { who: recall.person ?? recall.requestedBy })}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </aside>
      </div>
    </>
  )
}

function Review({ recall }: { readonly recall: Recall }) {
  const reason = whyNotSecond(recall)
  if (reason !== null) return <OffWith label={say(decisionWords.review)} reason={reason} />
  return (
    <a class="button wide-button" href={linkOf(['recalls', recall.id, 'review'])}>
      {say(decisionWords.review)}
      {w('ellipsis')}
    </a>
  )
}

function Decision({ recall }: { readonly recall: Recall }) {
  const by = recall.approval?.by.at(-1)
  if (recall.state === 'declined' || isUnapproved(recall)) return <State state={recall.state} unapproved />
  if (by === undefined) return <State state={recall.state} />
  return (
    <span class="mark ok">
      <Icon name="done" /> <b>{w('approvedWord')}</b>{' '}
      <span class="soft">
        <Said text={by.person} /> · <At at={by.at} seconds={false} />
      </span>
    </span>
  )
}
