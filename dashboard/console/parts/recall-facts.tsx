/** The names and numbers of a recall. */
import { thingWords } from '../../words/terms.ts'
import type { Recall, RecallEvent } from '../answers.ts'
import { titled, w } from '../language.ts'
import { exact } from '../numbers.ts'
import { linkOf } from '../router.ts'
import { At, Fact, Id, Said } from './text.tsx'

export function Facts({ recall, events }: { readonly recall: Recall; readonly events: readonly RecallEvent[] }) {
  const subject = recall.subject as {
    readonly message?: string
    readonly messages?: readonly string[]
    readonly content?: string
    readonly exceptTokens?: number
  }
  const sealed = [...events].reverse().find(({ audit }) => audit !== undefined && audit !== null)?.audit
  return (
    <dl class="facts">
      <Fact name={w('recallId')}>
        <Id id={recall.id} />
      </Fact>
      <Fact name={w('by')}>
        <Said text={recall.person ?? recall.requestedBy} />
      </Fact>
      <WhyFacts recall={recall} />
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
      {subject.exceptTokens === undefined ? null : (
        <Fact name={w('leftAlone')}>{w('tokensCounted', { n: exact(subject.exceptTokens) })}</Fact>
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

/** Why it was asked for. */
export function WhyFacts({ recall: { reason, ticket } }: { readonly recall: Recall }) {
  return (
    <>
      <Fact name={titled(thingWords.reason)}>
        <Said text={reason} />
      </Fact>
      {ticket === null ? null : (
        <Fact name={titled(thingWords.ticket)}>
          <Said text={ticket} />
        </Fact>
      )}
    </>
  )
}
