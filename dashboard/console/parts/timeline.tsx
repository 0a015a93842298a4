/** How a recall went, newest first: what people did, what vendors answered, where it waited. */
import { blockedWords, operationWords, outcomeWords, stateWords } from '../../words/terms.ts'
import type { RecallEvent } from '../answers.ts'
import { clockTime } from '../clock.ts'
import { named, w } from '../language.ts'
import { exact } from '../numbers.ts'
import { saidText } from '../sentences.ts'
import { besideOthers } from '../text.ts'
import { Icon, type IconName } from './icon.tsx'
import { Id, Said } from './text.tsx'

export function Timeline({ events }: { readonly events: readonly RecallEvent[] }) {
  if (events.length === 0) return <p class="soft">–</p>
  return (
    <ol class="timeline">
      {[...events].reverse().map((event, index) => {
        const { icon, tone, title, second } = lineOf(event)
        return (
          <li key={`${event.at} ${event.kind} ${index}`}>
            <time dateTime={event.at}>{clockTime(Date.parse(event.at))}</time>
            <span class={tone}>
              <Icon name={icon} />
            </span>
            <div>
              <span>{title}</span>
              {second.map((part, at) => (
                <span key={at} class="second">
                  {part}
                </span>
              ))}
            </div>
          </li>
        )
      })}
    </ol>
  )
}

interface Line {
  readonly icon: IconName
  readonly tone: string
  readonly title: preact.ComponentChildren
  readonly second: readonly preact.ComponentChildren[]
}

function lineOf(event: RecallEvent): Line {
  const who = besideOthers(event.person ?? event.actor ?? '')
  const why =
    (event.reason ?? null) === null
      ? []
      : [
          <>
            “<Said text={event.reason} />”
          </>,
        ]
  const ticket =
    (event.ticket ?? null) === null
      ? []
      : [
          <>
            {w('ticketIs')} <Said text={event.ticket} />
          </>,
        ]
  switch (event.kind) {
    case 'asked':
      return {
        icon: event.operation ?? 'revoke',
        tone: 'soft',
        title: w('askedBy', { who }),
        second: [...why, ...ticket],
      }
    case 'decided': {
      const approved = event.decision === 'approved'
      const declined = event.decision === 'declined'
      return {
        icon: approved ? 'done' : declined ? 'declined' : 'check',
        tone: approved ? 'ok' : 'soft',
        title: w(approved ? 'approvedBy' : declined ? 'declinedBy' : 'reviewedBy', { who }),
        second: why,
      }
    }
    case 'grew':
      return {
        icon: 'rise',
        tone: 'warn',
        title: w('grew'),
        second: event.requests === undefined ? [] : [w('requestsMore', { n: exact(event.requests) })],
      }
    case 'begun':
      return { icon: 'arrow', tone: 'soft', title: w('firstCalls'), second: [] }
    case 'answers':
      return answers(event)
    case 'blocked':
      return {
        icon: 'clock',
        tone: 'warn',
        title: w('appWaits', {
          app: event.app ?? '',
          cause: event.by === undefined ? '' : named(blockedWords, event.by),
        }),
        second: [
          ...(event.detail === null || event.detail === undefined
            ? []
            : [<Said own text={saidText(event.detail, event.notices)} />]),
          ...(event.until === null || event.until === undefined
            ? []
            : [w('waitedUntil', { time: clockTime(Date.parse(event.until)) })]),
        ],
      }
    case 'settled':
    case 'done':
    case 'partial':
    case 'failed':
    case 'expired':
    case 'cancelled': {
      const state = event.state ?? event.kind
      return {
        icon:
          state === 'done' ? 'done' : state === 'partial' ? 'partial' : state === 'cancelled' ? 'cancelled' : 'clock',
        tone: state === 'done' ? 'ok' : state === 'partial' ? 'warn' : 'soft',
        title: who === '' ? named(stateWords, state) : `${named(stateWords, state)} · ${who}`,
        second: why,
      }
    }
    case 'retried':
      return { icon: 'refresh', tone: 'soft', title: w('retriedBy', { who }), second: why }
    default:
      return { icon: 'info', tone: 'soft', title: who === '' ? event.kind : `${event.kind} · ${who}`, second: why }
  }
}

function answers(event: RecallEvent): Line {
  const { app = '', call, calls = 1, code, outcome, message, requestIds = [] } = event
  const good = outcome === 'accepted' || outcome === 'already_done'
  const what = call === undefined ? '' : call === 'status' ? w('statusRead') : named(operationWords, call)
  return {
    icon: good ? 'arrow' : outcome === 'throttled' ? 'clock' : 'warn',
    tone: good ? 'accent' : outcome === 'unknown' || outcome === 'throttled' || outcome === 'partial' ? 'warn' : 'soft',
    title: w(calls === 1 ? 'oneCall' : 'manyCalls', { n: exact(calls), app, what }),
    second: [
      <>
        {outcome === null || outcome === undefined ? '' : `${named(outcomeWords, outcome)} `}
        {code === null || code === undefined ? null : <Id id={code} />}{' '}
        {message === null || message === undefined ? null : <Said text={message} />}
      </>,
      ...(requestIds.length === 0
        ? []
        : [
            <>
              req <Id id={requestIds[0] ?? ''} />
              {requestIds.length > 1 ? ` +${requestIds.length - 1}` : ''}
            </>,
          ]),
    ],
  }
}
