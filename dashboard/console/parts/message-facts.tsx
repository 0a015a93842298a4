/** What is known of a message beside its text: what it carries, when it ends, what was done about it. */
import { useState } from 'preact/hooks'
import type { List, Message, Recall } from '../answers.ts'
import { type ProblemView, call } from '../api.ts'
import { plural, w } from '../language.ts'
import { useResource } from '../resource.ts'
import { linkOf } from '../router.ts'
import { may, me } from '../session.ts'
import { whyNot } from './controls.tsx'
import { ProblemNotice } from './notice.tsx'
import { State, operationText } from './status.tsx'
import { At, Fact, Id, Said } from './text.tsx'

export function Content({ content }: { readonly content: string }) {
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

export function Expiry({ message, reread }: { readonly message: Message; readonly reread: () => void }) {
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

export function History({ message, recall }: { readonly message: Message; readonly recall: Recall | null }) {
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
            <Said text={one.person ?? one.requestedBy} /> · <At at={one.createdAt} seconds={false} />
          </span>
        </li>
      ))}
    </ul>
  )
}
