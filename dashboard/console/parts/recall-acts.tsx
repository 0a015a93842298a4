/** What can be done with a recall: end it, try it again, review it, keep its record. */
import { useState } from 'preact/hooks'
import { decisionWords } from '../../words/terms.ts'
import { isSettled, type RecallPart, subjectOf } from '../about-recall.ts'
import type { Recall, RecallEvent } from '../answers.ts'
import { type ProblemView, call } from '../api.ts'
import { say, w } from '../language.ts'
import { exact, wholeDevices } from '../numbers.ts'
import { reachOfRecall } from '../reach.ts'
import { closeTo, linkOf, openOver } from '../router.ts'
import { ActDialog } from './act-dialog.tsx'
import { whyNotSecond } from './approval-card.tsx'
import { OffWith, whyNot } from './controls.tsx'
import { saveEvidence } from './evidence.ts'
import { Icon } from './icon.tsx'
import { Notice, ProblemNotice } from './notice.tsx'
import { Around, At } from './text.tsx'

export function Acts({
  recall,
  events,
  reread,
  dialog,
}: RecallPart & { readonly events: readonly RecallEvent[] | null }) {
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const home = linkOf(['recalls', recall.id])
  const reason = whyNot()
  const settled = isSettled(recall)
  const again = retryable(recall)
  const saveNow = async () => {
    const refused = await saveEvidence(recall)
    setProblem(refused)
  }
  return (
    <div class="acts-line">
      {settled ? null : reason === null ? (
        <>
          <button
            type="button"
            class="button"
            id="act-cancel"
            onClick={() => openOver(linkOf(['recalls', recall.id, 'cancel']))}
          >
            {w('cancelRecall')}
          </button>
          <span class="soft">{w('cancelNote')}</span>
        </>
      ) : (
        <OffWith label={w('cancelRecall')} reason={reason} />
      )}
      <span class="apart">
        {!settled ? (
          <span class="soft">
            {w('onceSettled')} <span class="off-text">{w('retry')}</span>
          </span>
        ) : again === 0 ||
          recall.state === 'done' ||
          recall.state === 'cancelled' ||
          recall.state === 'declined' ? null : reason === null ? (
          <button
            type="button"
            class="button"
            id="act-retry"
            onClick={() => openOver(linkOf(['recalls', recall.id, 'retry']))}
          >
            {w('retry')} {again === null ? '' : exact(again)}
          </button>
        ) : (
          <OffWith label={w('retry')} reason={reason} />
        )}
        <button type="button" class="button" onClick={() => void saveNow()} disabled={events === null}>
          <Icon name="save" /> {w('evidence')}
        </button>
      </span>
      {problem === null ? null : <ProblemNotice problem={problem} />}
      {dialog === 'cancel' && !settled && reason === null ? (
        <ActDialog
          title={<Around word="cancelTitle" title={subjectOf(recall)} />}
          note={w('cancelLong')}
          label={w('cancelRecallNow')}
          onClose={() => closeTo(home)}
          send={async reason =>
            call('POST', `/v1/recalls/${recall.id}/cancel`, reason === '' ? {} : { body: { reason } })
          }
          done={() => {
            reread()
            closeTo(home)
          }}
        />
      ) : null}
      {dialog === 'retry' && settled && reason === null ? (
        <ActDialog
          title={w('retryTitle')}
          note={w('retryLong', { devices: wholeDevices(reachOfRecall(recall)) })}
          label={w('retry')}
          onClose={() => closeTo(home)}
          send={async reason =>
            call('POST', `/v1/recalls/${recall.id}/retry`, reason === '' ? {} : { body: { reason } })
          }
          done={() => {
            reread()
            closeTo(home)
          }}
        />
      ) : null}
    </div>
  )
}

/** Devices with no final outcome that were tried; null: it is not devices that are counted. */
function retryable(recall: Recall): number | null {
  return recall.devices === null ? null : recall.devices.rejected + recall.devices.unknown + recall.devices.pending
}

export function BreakGlass({ recall, reread, dialog }: RecallPart) {
  if (recall.breakGlass !== true) return null
  const reviewed = recall.reviewedBy ?? null
  const home = linkOf(['recalls', recall.id])
  const reason = whyNotSecond(recall)
  return (
    <>
      <Notice
        tone="warn"
        icon="bolt"
        aside={
          reviewed !== null ? undefined : reason === null ? (
            <button type="button" class="button" onClick={() => openOver(linkOf(['recalls', recall.id, 'review']))}>
              {say(decisionWords.review)}
              {w('ellipsis')}
            </button>
          ) : (
            <OffWith label={say(decisionWords.review)} reason={reason} />
          )
        }
      >
        <b>{w('ranByBreakGlass', { person: recall.person ?? recall.requestedBy })}</b>
        <p>
          {reviewed === null ? w('toReview') : w('reviewedByPerson', { person: reviewed })}{' '}
          {reviewed === null ? null : <At at={recall.reviewedAt ?? null} />}
        </p>
      </Notice>
      {dialog === 'review' && reviewed === null && reason === null ? (
        <ActDialog
          title={w('reviewTitle')}
          note={w('reviewNote')}
          label={say(decisionWords.review)}
          onClose={() => closeTo(home)}
          send={async reason =>
            call('POST', `/v1/recalls/${recall.id}/review`, { body: reason === '' ? {} : { reason } })
          }
          done={() => {
            reread()
            closeTo(home)
          }}
        />
      ) : null}
    </>
  )
}
