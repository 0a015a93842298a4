/** One recall: how far it got, what holds it up, what each vendor answered, and how it came to that. */
import { useState } from 'preact/hooks'
import {
  acceptedIsNotGone,
  blockedHelp,
  blockedWords,
  decisionWords,
  deviceWords,
  places,
  thingWords,
} from '../../words/terms.ts'
import type { Recall, RecallEvent, RecallTarget } from '../answers.ts'
import { call, type ProblemView } from '../api.ts'
import { away, clockTime, now } from '../clock.ts'
import { language, listed, say, titled, w } from '../language.ts'
import { isSettled, paceOfRecall, staying, subjectOf } from '../about-recall.ts'
import { handleOf, providerName, statusWord } from '../names.ts'
import { exact, wholeDevices } from '../numbers.ts'
import { ApprovalCard } from '../parts/approval-card.tsx'
import { ActDialog } from '../parts/act-dialog.tsx'
import { OffWith, whyNot } from '../parts/controls.tsx'
import { DeviceBar, DeviceFigures } from '../parts/devices.tsx'
import { Icon } from '../parts/icon.tsx'
import { Freshness, Loaded, Notice, ProblemNotice } from '../parts/notice.tsx'
import { saveEvidence } from '../parts/evidence.ts'
import { PageHead } from '../parts/shell.tsx'
import { EffectMark, isUnapproved, operationText, State, titleOf } from '../parts/status.tsx'
import { At, Fact, Id, Said } from '../parts/text.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { reachOfRecall } from '../reach.ts'
import { useResource } from '../resource.ts'
import { sentencesOf } from '../sentences.ts'
import { closeTo, linkOf, openOver } from '../router.ts'

export function RecallPage({ id, dialog }: { readonly id: string; readonly dialog: string | null }) {
  const recall = useResource<Recall>(`/v1/recalls/${encodeURIComponent(id)}`, paceOfRecall)
  const settled = recall?.data.value !== null && recall?.data.value !== undefined && isSettled(recall.data.value)
  // a settled recall is told once more: its last answers came with its end
  const events = useResource<{ readonly items: readonly RecallEvent[] }>(
    `/v1/recalls/${encodeURIComponent(id)}/events`,
    () => ({ pace: settled ? 'still' : 'list' }),
  )
  return (
    <Loaded resource={recall} rows={6}>
      {found => (
        <>
          <PageHead
            back={{ link: '#/recalls', name: say(places.recalls) }}
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
                <ApprovalCard recall={found} reread={() => recall?.refresh()} alone dialog={dialog} />
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

/** Where it did not come to all that was asked: what stays, and what can still be done, stand first. */
function Ended({ recall }: { readonly recall: Recall }) {
  const { state } = recall
  if (state !== 'partial' && state !== 'failed' && state !== 'expired') return null
  const stays = staying(recall)
  const unreached = recall.targets.filter(target => target.state === 'failed' || target.state === 'expired')
  const weaker = recall.targets.filter(({ requested, operation }) => requested !== operation)
  const message = (recall.subject as { readonly message?: string }).message
  return (
    <Notice tone={state === 'partial' ? 'warn' : 'bad'} icon={state === 'partial' ? 'partial' : 'warn'}>
      <b>{w(state === 'partial' ? 'endedPartly' : state === 'failed' ? 'endedNone' : 'endedLate')}</b>
      {stays.length === 0 ? null : (
        <p>
          <EffectMark effect="none" /> {listed(stays)}
        </p>
      )}
      {unreached.length === 0 ? null : (
        <p>
          {w('notReached')} {listed(unreached.map(({ app }) => app))}
        </p>
      )}
      {weaker.length === 0 ? null : (
        <p>
          {listed([
            ...new Set(weaker.map(({ app, requested, operation }) => `${app} ${operationText(requested, operation)}`)),
          ])}
        </p>
      )}
      <p class="soft">
        {w('canStill')}{' '}
        {recall.devices !== null && recall.devices.unknown + recall.devices.rejected > 0 ? `${w('canRetry')} ` : ''}
        {message === undefined ? null : <a href={linkOf(['messages', message])}>{w('canOverlay')}</a>}
      </p>
    </Notice>
  )
}

function Progress({ recall }: { readonly recall: Recall }) {
  const { devices, etaSeconds, state } = recall
  const tasks = recall.targets.filter(target => target.devices === null)
  const running = state === 'running'
  return (
    <section class="card progress-card" aria-live="off">
      {devices === null ? (
        <TaskProgress recall={recall} />
      ) : (
        <>
          <div class="figures-line">
            <DeviceFigures devices={devices} />
            <p class="of">
              <b>{w('ofDevices', { n: exact(devices.total) })}</b>
              <span class="second">
                {running && etaSeconds !== null && etaSeconds > 0 ? w('etaLeft', { time: spanOf(etaSeconds) }) : ''}
              </span>
            </p>
          </div>
          <DeviceBar devices={devices} label={w('progress')} />
        </>
      )}
      <p class="soft">
        {say(acceptedIsNotGone)}
        {devices === null || tasks.length === 0
          ? ''
          : ` ${w('tasksNotIn', { apps: listed(tasks.map(({ app }) => app)) })}`}
      </p>
      <Announce recall={recall} />
    </section>
  )
}

/** Where the vendors count tasks: how many of them took it. */
function TaskProgress({ recall }: { readonly recall: Recall }) {
  const done = recall.targets.filter(({ state }) => state === 'done' || state === 'partial').length
  return (
    <p class="task-progress">
      <b class="figure">{w('tasksOf', { n: done, all: recall.targets.length + recall.moreTargets })}</b>
      <span class="soft">{w('tasksAccepted')}</span>
    </p>
  )
}

/** For who hears the page: at most one line in ten seconds, and one for each state. */
function Announce({ recall }: { readonly recall: Recall }) {
  const { devices, state } = recall
  const [told, setTold] = useState({ at: 0, text: '', state: '' })
  const text =
    devices === null ? '' : `${say(deviceWords.accepted)} ${exact(devices.accepted)} / ${exact(devices.total)}`
  if (told.state !== state || (told.text !== text && now.value - told.at > 10_000)) {
    setTold({ at: now.peek(), text, state })
  }
  return (
    <p class="only-read" role="status">
      {told.text}
    </p>
  )
}

function spanOf(seconds: number): string {
  if (seconds < 60) return language.value === 'zh' ? `${seconds} 秒` : `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return language.value === 'zh' ? `${minutes} 分钟` : `${minutes} min`
  const hours = Math.ceil(minutes / 60)
  return language.value === 'zh' ? `${hours} 小时` : `${hours} h`
}

function Blocked({ recall }: { readonly recall: Recall }) {
  const { blocked, state } = recall
  if (blocked === null || state !== 'running') return null
  const known = Object.hasOwn(blockedWords, blocked.by)
  return (
    <Notice
      tone="warn"
      aside={
        <p class="next-try">
          <b>
            {w('nextTry')} <At at={blocked.nextAttemptAt} />
          </b>
          <span class="second">{away(Math.max(now.value, Date.parse(blocked.nextAttemptAt)))}</span>
        </p>
      }
    >
      <b>
        {w('blockedBy', {
          cause: known ? say(blockedWords[blocked.by]) : blocked.by,
          since: clockTime(Date.parse(blocked.since)),
        })}
      </b>
      <p>
        <Said text={sentencesOf([blocked.detail], [blocked])[0] ?? blocked.detail} />{' '}
        {known ? say(blockedHelp[blocked.by]) : ''}
      </p>
    </Notice>
  )
}

/** Something joined that is more than what was agreed to. */
function Growth({
  recall,
  reread,
  dialog,
}: {
  readonly recall: Recall
  readonly reread: () => void
  readonly dialog: string | null
}) {
  const { approval } = recall
  if (approval?.because !== 'growth' || approval.state !== 'waiting') return null
  return <ApprovalCard recall={recall} reread={reread} alone dialog={dialog} />
}

function BreakGlass({
  recall,
  reread,
  dialog,
}: {
  readonly recall: Recall
  readonly reread: () => void
  readonly dialog: string | null
}) {
  if (recall.breakGlass !== true) return null
  const reviewed = recall.reviewedBy ?? null
  const home = linkOf(['recalls', recall.id])
  const mayReview = recall.approval?.mayDecide === true || reviewed === null
  return (
    <>
      <Notice
        tone="warn"
        icon="bolt"
        aside={
          reviewed !== null ? undefined : mayReview ? (
            <button type="button" class="button" onClick={() => openOver(linkOf(['recalls', recall.id, 'review']))}>
              {say(decisionWords.review)}
              {w('ellipsis')}
            </button>
          ) : undefined
        }
      >
        <b>{w('ranByBreakGlass', { person: recall.person ?? recall.requestedBy })}</b>
        <p>
          {reviewed === null ? w('toReview') : w('reviewedByPerson', { person: reviewed })}{' '}
          {reviewed === null ? null : <At at={recall.reviewedAt ?? null} />}
        </p>
      </Notice>
      {dialog === 'review' && reviewed === null ? (
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

function Targets({ recall }: { readonly recall: Recall }) {
  const stays = staying(recall)
  return (
    <section class="card table-box">
      <table class="rows recall-targets">
        <thead>
          <tr>
            <th>{titled(thingWords.target)}</th>
            <th>{w('askedDone')}</th>
            <th class="number">{w('acceptedColumn')}</th>
            <th class="number">{say(deviceWords.rejected)}</th>
            <th class="number">{w('unknownColumn')}</th>
            <th class="number">{say(deviceWords.pending)}</th>
            <th>{w('vendorsAnswer')}</th>
          </tr>
        </thead>
        <tbody>
          {recall.targets.map(target => (
            <TargetRow key={`${target.app} ${handleOf(target)?.value}`} target={target} />
          ))}
          {recall.moreTargets > 0 ? (
            <tr>
              <td colSpan={7} class="soft">
                {w('moreTargets', { n: exact(recall.moreTargets) })}
              </td>
            </tr>
          ) : null}
          {recall.targets.length === 0 ? (
            <tr>
              <td colSpan={7} class="soft">
                {w('noTargetYet')}
              </td>
            </tr>
          ) : null}
        </tbody>
        {stays.length === 0 ? null : (
          <tfoot>
            <tr>
              <td colSpan={7}>
                <EffectMark effect="none" /> <span class="soft">{listed(stays)}</span>
              </td>
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  )
}

function TargetRow({ target }: { readonly target: RecallTarget }) {
  const { devices, vendor, rejected } = target
  const warnings = sentencesOf(target.warnings, target.notices)
  const handle = handleOf(target)
  return (
    <>
      <tr>
        <td>
          <b>{target.app}</b>
          <span class="second">
            {providerName(target.provider)} {handle === null ? null : <Id id={handle.value} />}
          </span>
        </td>
        <td>
          {operationText(target.requested, target.operation)}
          <span class="second">
            <State state={target.state} />
          </span>
        </td>
        {devices === null ? (
          <td class="soft no-counts" colSpan={4}>
            {w('countsTasksHere')}
          </td>
        ) : (
          (['accepted', 'rejected', 'unknown', 'pending'] as const).map(part => (
            <td key={part} class="number" data-name={say(deviceWords[part])}>
              {exact(devices[part])}
            </td>
          ))
        )}
        <td>
          {vendor === null ? (
            <span class="soft">{w('notAskedYet')}</span>
          ) : (
            <>
              {vendor.status === null ? null : <span>{statusWord(vendor.status)} </span>}
              {vendor.code === null ? null : <Id id={vendor.code} />}{' '}
              {vendor.requestId === null ? null : (
                <span class="soft">
                  req <Id id={vendor.requestId} />
                </span>
              )}
              {vendor.message === null ? null : (
                <span class="second">
                  <Said text={vendor.message} />
                </span>
              )}
            </>
          )}
          {rejected.map(({ reason, count }) => (
            <span key={reason} class="second">
              {exact(count)} × <Said text={reason} />
            </span>
          ))}
        </td>
      </tr>
      {warnings.length === 0 ? null : (
        <tr class="warnings-row">
          <td colSpan={7}>
            <details class="fold-list">
              <summary>
                {say(thingWords.warnings)} {warnings.length} <Icon name="down" />
              </summary>
              <ul>
                {warnings.map(text => (
                  <li key={text}>
                    <Said text={text} />
                  </li>
                ))}
              </ul>
            </details>
          </td>
        </tr>
      )}
    </>
  )
}

function Acts({
  recall,
  events,
  reread,
  dialog,
}: {
  readonly recall: Recall
  readonly events: readonly RecallEvent[] | null
  readonly reread: () => void
  readonly dialog: string | null
}) {
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
      {dialog === 'cancel' && !settled ? (
        <ActDialog
          title={w('cancelTitle', { title: subjectOf(recall) })}
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
      {dialog === 'retry' && settled ? (
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

function Facts({ recall, events }: { readonly recall: Recall; readonly events: readonly RecallEvent[] }) {
  const subject = recall.subject as {
    readonly message?: string
    readonly messages?: readonly string[]
    readonly content?: string
  }
  const sealed = [...events].reverse().find(({ audit }) => audit !== undefined && audit !== null)?.audit
  return (
    <dl class="facts">
      <Fact name={w('recallId')}>
        <Id id={recall.id} />
      </Fact>
      <Fact name={w('by')}>
        <bdi>{recall.person ?? recall.requestedBy}</bdi>
      </Fact>
      <Fact name={titled(thingWords.reason)}>
        <Said text={recall.reason} />
      </Fact>
      {recall.ticket === null ? null : (
        <Fact name={titled(thingWords.ticket)}>
          <Said text={recall.ticket} />
        </Fact>
      )}
      {subject.message === undefined ? null : (
        <Fact name={w('message')}>
          <a href={linkOf(['messages', subject.message])}>
            <Id id={subject.message} />
          </a>
        </Fact>
      )}
      {subject.messages === undefined ? null : (
        <Fact name={w('message')}>
          {subject.messages.map(id => (
            <a key={id} href={linkOf(['messages', id])}>
              <Id id={id} />{' '}
            </a>
          ))}
        </Fact>
      )}
      {subject.content === undefined ? null : (
        <Fact name={w('content')}>
          <a href={linkOf(['messages'], { content: subject.content })}>
            <Id id={subject.content} />
          </a>
        </Fact>
      )}
      <Fact name={w('begun')}>
        <At at={recall.createdAt} withZone />
      </Fact>
      <Fact name={recall.settledAt === null ? w('givesUp') : w('settled')}>
        <At at={recall.settledAt ?? recall.giveUpAt} />
      </Fact>
      {(recall.holdsUntil ?? null) === null ? null : (
        <Fact name={w('holdsUntil')}>
          <At at={recall.holdsUntil} />
        </Fact>
      )}
      {sealed === undefined || sealed === null ? null : (
        <Fact name={w('auditEntry')}>
          {exact(sealed.seq)} · <Id id={`${sealed.hash.slice(0, 6)}…${sealed.hash.slice(-4)}`} />
        </Fact>
      )}
    </dl>
  )
}
