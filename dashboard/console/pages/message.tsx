/** One message: what people see, what could be done about it, and what was. */
import { operationTitles, places } from '../../words/terms.ts'
import type { Message, Operation, Recall } from '../answers.ts'
import { named, say, w } from '../language.ts'
import { usePlans } from '../message-plans.ts'
import { whyNot } from '../parts/controls.tsx'
import { CorrectLine } from '../parts/correct-line.tsx'
import { Icon } from '../parts/icon.tsx'
import { Content, Expiry, History } from '../parts/message-facts.tsx'
import { Targets } from '../parts/message-targets.tsx'
import { Freshness, Loaded, Notice, ProblemNotice } from '../parts/notice.tsx'
import { Phone } from '../parts/phone.tsx'
import { PlanGrid, operationOrder } from '../parts/plan.tsx'
import { RecallBrief } from '../parts/recall-brief.tsx'
import { RecallDialog } from '../parts/recall-dialog.tsx'
import { isAsked } from '../recall-request.ts'
import { PageHead } from '../parts/shell.tsx'
import { Address, At, Fact, Id, Said } from '../parts/text.tsx'
import { useResource } from '../resource.ts'
import { closeTo, linkOf } from '../router.ts'

export function MessagePage({ id, dialog }: { readonly id: string; readonly dialog: string | null }) {
  const message = useResource<Message>(`/v1/messages/${encodeURIComponent(id)}`, () => ({ pace: 'list' }))
  const home = linkOf(['messages', id])
  const back = { link: '#/messages', name: say(places.messages) }
  return (
    <Loaded resource={message} rows={6} head={<PageHead back={back} title={<Said text={id} />} />}>
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
          {isAsked(dialog) ? (
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
            {message.source === 'discovered' ? w('discovered') : <Said text={message.registeredBy} />}
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
          <CorrectLine id={`act-${message.id}-correct`} link={linkOf(['messages', message.id, 'correct'])} />
        </section>
        <Targets targets={message.targets} />
      </div>
      {active ? null : <ActionBar message={message} strongest={strongest} />}
    </div>
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
            {named(operationTitles, operation)}
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
