/** One message: what people see, what could be done about it, and what was. */
import { useEffect, useState } from 'preact/hooks'
import { places, thingWords, operationTitles } from '../../words/terms.ts'
import type { AppCapabilities, DryRun, List, Message, MessageTarget, Operation, Recall } from '../answers.ts'
import { call, isMissing, type ProblemView } from '../api.ts'
import { plural, say, titled, w } from '../language.ts'
import { handleOf, providerName, statusWord } from '../names.ts'
import { exact, whole } from '../numbers.ts'
import { basisWord } from '../parts/devices.tsx'
import { whyNot } from '../parts/controls.tsx'
import { Icon } from '../parts/icon.tsx'
import { Freshness, Loaded, Notice, ProblemNotice } from '../parts/notice.tsx'
import { Phone } from '../parts/phone.tsx'
import { operationOrder, PlanGrid } from '../parts/plan.tsx'
import { RecallBrief } from '../parts/recall-brief.tsx'
import { RecallDialog } from '../parts/recall-dialog.tsx'
import { PageHead } from '../parts/shell.tsx'
import { operationText, State } from '../parts/status.tsx'
import { Address, At, Fact, Id, Said } from '../parts/text.tsx'
import { type PlanView, viewDocumented, viewDryRun } from '../plan-view.ts'
import { reachOfMessage } from '../reach.ts'
import { useResource } from '../resource.ts'
import { closeTo, linkOf } from '../router.ts'
import { may, me } from '../session.ts'

export function MessagePage({ id, dialog }: { readonly id: string; readonly dialog: string | null }) {
  const message = useResource<Message>(`/v1/messages/${encodeURIComponent(id)}`, () => ({ pace: 'list' }))
  const home = linkOf(['messages', id])
  const back = { link: '#/messages', name: say(places.messages) }
  return (
    <Loaded resource={message} rows={6}>
      {found => (
        <>
          <PageHead
            back={back}
            title={<Said text={found.title === null || found.title === '' ? w('untitled') : found.title} />}
            beside={<Id id={found.id} />}
          >
            <Freshness resource={message} />
          </PageHead>
          <Whole message={found} reread={() => message?.refresh()} />
          {isDialog(dialog) ? (
            <RecallDialog
              key={dialog}
              operation={dialog}
              subject={{ message: found.id }}
              title={found.title ?? found.id}
              shown={found}
              onClose={() => closeTo(home)}
            />
          ) : null}
        </>
      )}
    </Loaded>
  )
}

export function isDialog(text: string | null): text is Operation {
  return text === 'revoke' || text === 'stop' || text === 'overlay'
}

function Whole({ message, reread }: { readonly message: Message; readonly reread: () => void }) {
  const plans = usePlans(message)
  const recall = useResource<Recall>(message.recall === null ? null : `/v1/recalls/${message.recall.id}`, data => ({
    pace: data?.state === 'running' ? 'list' : 'still',
  }))
  const active = message.recall?.state === 'running' || message.recall?.state === 'pending_approval'
  const strongest = operationOrder.find(operation => plans.plans.get(operation)?.refusal === null) ?? 'revoke'
  return (
    <div class="message-page">
      <aside class="card side">
        <h2 class="soft">{w('whatPeopleSee')}</h2>
        <Phone
          title={message.title}
          body={message.body}
          url={message.url}
          app={message.targets[0]?.app ?? ''}
          at={Date.parse(message.sentAt ?? message.createdAt)}
          label={w('whatPeopleSee')}
        />
        <dl class="facts">
          <Fact name={message.sentAt === null ? w('registered') : w('sentAt')}>
            <At at={message.sentAt ?? message.createdAt} withZone />
          </Fact>
          <Fact name={w('by')}>
            {message.source === 'discovered' ? w('discovered') : <bdi>{message.registeredBy}</bdi>}
          </Fact>
          {message.url === null ? null : (
            <Fact name={w('link')}>
              <Address url={message.url} />
            </Fact>
          )}
          {message.contents.map(content => (
            <Content key={content} content={content} />
          ))}
          <Expiry message={message} reread={reread} />
        </dl>
        <h2>{w('recallsOfThis')}</h2>
        <History message={message} recall={recall?.data.value ?? null} />
      </aside>
      <div class="main-column">
        {active && message.recall !== null ? (
          <Notice
            icon="running"
            aside={
              <a class="button primary" href={linkOf(['recalls', message.recall.id])}>
                {message.recall.state === 'running' ? w('seeProgress') : w('seeApproval')}
              </a>
            }
          >
            <RecallBrief message={message} recall={recall?.data.value ?? null} />
          </Notice>
        ) : null}
        <section class="card">
          <header class="card-head">
            <h2>{w('plan')}</h2>
            <span class="soft">{w('planFrom')}</span>
          </header>
          {plans.problem === null ? null : <ProblemNotice problem={plans.problem} />}
          <PlanGrid message={message} plans={plans.plans} strongest={strongest} />
        </section>
        <Targets targets={message.targets} />
      </div>
      {active ? null : <ActionBar message={message} strongest={strongest} />}
    </div>
  )
}

/** The call for plans where this API has it; else what the vendors' documents say. */
function usePlans(message: Message): {
  readonly plans: ReadonlyMap<Operation, PlanView>
  readonly problem: ProblemView | null
} {
  const [runs, setRuns] = useState<ReadonlyMap<Operation, DryRun> | 'missing' | null>(null)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const version = JSON.stringify([message.id, message.targets, message.recall])
  useEffect(() => {
    let gone = false
    const read = async () => {
      const answer = await call<unknown>('GET', `/v1/messages/${encodeURIComponent(message.id)}/plan`)
      if (gone) return
      if (answer.kind === 'ok') setRuns(runsIn(answer.body) ?? 'missing')
      else if (answer.kind === 'problem' && isMissing(answer.problem)) setRuns('missing')
      else if (answer.kind === 'problem') setProblem(answer.problem)
    }
    void read()
    return () => {
      gone = true
    }
  }, [version])
  const capabilities = useResource<List<AppCapabilities>>(runs === 'missing' ? '/v1/capabilities' : null, () => ({
    pace: 'still',
  }))
  const documented = capabilities?.data.value?.items
  if (runs !== null && runs !== 'missing')
    return {
      plans: new Map(
        [...runs].map(([operation, run]): [Operation, PlanView] => [operation, viewDryRun(operation, run)]),
      ),
      problem,
    }
  if (documented === undefined) return { plans: new Map(), problem: problem ?? capabilities?.problem.value ?? null }
  return {
    plans: new Map(operationOrder.map(operation => [operation, viewDocumented(operation, message, documented)])),
    problem,
  }
}

/** Three plans under the names of their operations, or as a list. */
function runsIn(body: unknown): ReadonlyMap<Operation, DryRun> | null {
  if (typeof body !== 'object' || body === null) return null
  const members = body as { readonly [name: string]: unknown }
  const from = (members['operations'] ?? members['plans'] ?? members['items'] ?? members) as unknown
  const pairs: (readonly [unknown, unknown])[] = Array.isArray(from)
    ? (from as { readonly operation?: unknown }[]).map(run => [run.operation, run] as const)
    : Object.entries(from as object)
  const runs = new Map<Operation, DryRun>()
  for (const [operation, run] of pairs) {
    const { targets } = (run ?? {}) as { readonly targets?: unknown }
    if (typeof operation === 'string' && isDialog(operation) && Array.isArray(targets))
      runs.set(operation, run as DryRun)
  }
  return runs.size === 0 ? null : runs
}

function Content({ content }: { readonly content: string }) {
  const others = useResource<List<Message>>(`/v1/messages?limit=200&content=${encodeURIComponent(content)}`, () => ({
    pace: 'still',
  }))
  const count = others?.data.value?.items.length ?? null
  const reason = whyNot()
  return (
    <Fact name={w('content')}>
      <Id id={content} />
      {count === null ? null : (
        <>
          {' · '}
          <a href={linkOf(['messages'], { content })}>{plural(count, 'oneMessage', 'manyMessages')}</a>
        </>
      )}
      {count === null || count < 2 || reason !== null ? null : (
        <a class="button wide-button" href={linkOf(['new', 'revoke'], { content })}>
          {w('takeBackAll', { n: count })}
        </a>
      )}
    </Fact>
  )
}

function Expiry({ message, reread }: { readonly message: Message; readonly reread: () => void }) {
  const [open, setOpen] = useState(false)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const least = me.value?.policy?.minExpiryMinutes ?? 10
  const send = async (expiresAt: string | null) => {
    const answer = await call('PATCH', `/v1/messages/${encodeURIComponent(message.id)}`, { body: { expiresAt } })
    setProblem(answer.kind === 'problem' ? answer.problem : null)
    if (answer.kind === 'problem') return
    setOpen(false)
    reread()
  }
  return (
    <Fact name={w('expires')}>
      <At at={message.expiresAt} />{' '}
      {may('send') ? (
        <button type="button" class="link" onClick={() => setOpen(!open)} aria-expanded={open}>
          {message.expiresAt === null ? w('set') : w('change')}
        </button>
      ) : null}
      {open ? (
        <form
          class="expiry"
          onSubmit={event => {
            event.preventDefault()
            const value = new FormData(event.currentTarget).get('at')
            if (typeof value === 'string' && value !== '') void send(new Date(value).toISOString())
          }}
        >
          <label>
            <span class="soft">{w('expiryNote', { n: least })}</span>
            <input class="field" type="datetime-local" name="at" required />
          </label>
          <div class="button-row">
            <button type="submit" class="button">
              {w('set')}
            </button>
            {message.expiresAt === null ? null : (
              <button type="button" class="quiet" onClick={() => void send(null)}>
                {w('clear')}
              </button>
            )}
          </div>
          {problem === null ? null : <ProblemNotice problem={problem} />}
        </form>
      ) : null}
    </Fact>
  )
}

function History({ message, recall }: { readonly message: Message; readonly recall: Recall | null }) {
  const all = useResource<List<Recall>>(`/v1/recalls?limit=20&message=${encodeURIComponent(message.id)}`, () => ({
    pace: 'still',
  }))
  const found = all?.data.value?.items ?? (recall === null ? [] : [recall])
  if (found.length === 0) return <p class="soft">{message.recall === null ? w('noneSoFar') : '–'}</p>
  return (
    <ul class="history">
      {found.map(one => (
        <li key={one.id}>
          <a href={linkOf(['recalls', one.id])}>
            <State state={one.state} /> <span>{operationText(one.operation, null)}</span>
          </a>
          <span class="second">
            <bdi>{one.person ?? one.requestedBy}</bdi> · <At at={one.createdAt} seconds={false} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Targets({ targets }: { readonly targets: readonly MessageTarget[] }) {
  return (
    <section class="card table-box">
      <table class="rows plain">
        <thead>
          <tr>
            <th>{w('targets')}</th>
            <th>{w('vendorsId')}</th>
            <th>{titled(thingWords.audience)}</th>
            <th class="number">{w('devices')}</th>
            <th>{w('vendorsStatus')}</th>
          </tr>
        </thead>
        <tbody>
          {targets.map(target => {
            const handle = handleOf(target)
            const reach = reachOfMessage({ targets: [target] } as unknown as Message)
            return (
              <tr key={`${target.app} ${handle?.value}`}>
                <td>
                  <b>{target.app}</b> <span class="soft">{providerName(target.provider)}</span>
                </td>
                <td>{handle === null ? '–' : <Id id={`${handle.member} ${handle.value}`} />}</td>
                <td>
                  {target.audience ?? (target.devices === undefined ? '–' : w('tokens', { n: exact(target.devices) }))}
                </td>
                <td class="number">
                  {target.devices === null ? w('beingCounted') : whole(reach)}
                  <span class="second">{reach.basis === 'exact' ? '' : basisWord(reach.basis)}</span>
                </td>
                <td>
                  <VendorStatus target={target} />
                </td>
              </tr>
            )
          })}
          {targets.length === 0 ? (
            <tr>
              <td colSpan={5} class="soft">
                {w('noTarget')}
              </td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </section>
  )
}

interface StatusNow {
  readonly status: string | null
  readonly asOf: string
}

/** From the stored record where the API has it; asking the vendor costs one of its few queries, so that is a button. */
function VendorStatus({ target }: { readonly target: MessageTarget }) {
  const { record } = target as { readonly record?: StatusNow | null }
  const [read, setRead] = useState<StatusNow | null>(null)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  if (target.pushId === undefined || target.provider !== 'tpns') return <span class="soft">{w('noStatusCall')}</span>
  const known = read ?? record ?? null
  const ask = async () => {
    const answer = await call<StatusNow>(
      'GET',
      `/v1/status?app=${encodeURIComponent(target.app)}&pushId=${encodeURIComponent(target.pushId ?? '')}`,
    )
    if (answer.kind === 'ok') setRead(answer.body)
    setProblem(answer.kind === 'problem' ? answer.problem : null)
  }
  return (
    <>
      {known === null ? null : (
        <span>
          {statusWord(known.status)}{' '}
          <span class="soft">
            {w('says', { vendor: providerName(target.provider) })} <At at={known.asOf} seconds={false} />
          </span>{' '}
        </span>
      )}
      <button type="button" class="link" onClick={() => void ask()} title={w('costsQuery')}>
        {known === null ? w('askVendor') : w('askAgain')}
      </button>
      {problem === null ? null : <ProblemNotice problem={problem} />}
    </>
  )
}

/** At the bottom of a phone, the strongest verb widest. */
function ActionBar({ message, strongest }: { readonly message: Message; readonly strongest: Operation }) {
  const reason = whyNot()
  const order = [...operationOrder.filter(operation => operation !== strongest).reverse(), strongest]
  return (
    <div class="action-bar">
      {reason === null ? (
        order.map(operation => (
          <a
            key={operation}
            class={`button ${operation === strongest ? 'primary widest' : ''}`}
            href={linkOf(['messages', message.id, operation])}
          >
            {say(operationTitles[operation])}
            {w('ellipsis')}
          </a>
        ))
      ) : (
        <span class="soft">
          <Icon name="info" /> {reason}
        </span>
      )}
    </div>
  )
}
