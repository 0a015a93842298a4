/** How far a recall got, what holds it up, and what stays where it did not come to all that was asked. */
import { useState } from 'preact/hooks'
import { acceptedIsNotGone, blockedHelp, blockedWords, deviceWords, withoutCounts } from '../../words/terms.ts'
import { staying } from '../about-recall.ts'
import type { Recall } from '../answers.ts'
import { away, clockTime, now } from '../clock.ts'
import { language, listed, named, say, w } from '../language.ts'
import { exact } from '../numbers.ts'
import { linkOf } from '../router.ts'
import { sentencesOf } from '../sentences.ts'
import { DeviceBar, DeviceFigures } from './devices.tsx'
import { PhonesLink } from './phones-link.tsx'
import { Notice } from './notice.tsx'
import { EffectMark, operationText } from './status.tsx'
import { At, Said } from './text.tsx'

/** Where it did not come to all that was asked: what stays, and what can still be done, stand first. */
export function Ended({ recall }: { readonly recall: Recall }) {
  const { state } = recall
  if (state !== 'partial' && state !== 'failed' && state !== 'expired') return null
  const stays = staying(recall)
  const unreached = recall.targets.filter(target => target.state === 'failed' || target.state === 'expired')
  const weaker = recall.targets.filter(({ requested, operation }) => requested !== operation)
  const message = (recall.subject as { readonly message?: string }).message
  const retries = recall.devices !== null && recall.devices.unknown + recall.devices.rejected > 0
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
          {w('notReached')} {listed(appsOf(unreached))}
        </p>
      )}
      {weaker.length === 0 ? null : (
        <p>
          {listed([
            ...new Set(weaker.map(({ app, requested, operation }) => `${app} ${operationText(requested, operation)}`)),
          ])}
        </p>
      )}
      {!retries && message === undefined ? null : (
        <p class="soft">
          {w('canStill')} {retries ? `${w('canRetry')} ` : ''}
          {message === undefined ? null : <a href={linkOf(['messages', message])}>{w('canOverlay')}</a>}
        </p>
      )}
    </Notice>
  )
}

/** Each once: an app may have many pushes in a recall. */
function appsOf(targets: Recall['targets']): string[] {
  return [...new Set(targets.map(({ app }) => app))]
}

export function Progress({ recall }: { readonly recall: Recall }) {
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
        {devices === null || tasks.length === 0 ? '' : ` ${w('tasksNotIn', { apps: listed(appsOf(tasks)) })}`}
      </p>
      <p>
        <PhonesLink />
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
      <span class="soft">
        {w('tasksAccepted')} · {say(withoutCounts(recall))}
      </span>
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

export function Blocked({ recall }: { readonly recall: Recall }) {
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
          <span class="second">
            {Date.parse(blocked.nextAttemptAt) - now.value < 500
              ? w('nowWord')
              : away(Date.parse(blocked.nextAttemptAt))}
          </span>
        </p>
      }
    >
      <b>
        {w('blockedBy', {
          cause: named(blockedWords, blocked.by),
          since: clockTime(Date.parse(blocked.since)),
        })}
      </b>
      <p>
        <Said own text={sentencesOf([blocked.detail], [blocked])[0] ?? blocked.detail} />{' '}
        {known ? named(blockedHelp, blocked.by) : ''}
      </p>
    </Notice>
  )
}
