/** A recall of what nobody registered: by the vendor's own id, or of several messages at once. */
import { operationTitles, places } from '../../words/terms.ts'
import { named, plural, say, w } from '../language.ts'
import { providerName } from '../names.ts'
import { whyNot } from '../parts/controls.tsx'
import { CorrectLine } from '../parts/correct-line.tsx'
import { Notice } from '../parts/notice.tsx'
import { operationOrder } from '../parts/plan.tsx'
import { RecallDialog } from '../parts/recall-dialog.tsx'
import { PageHead } from '../parts/shell.tsx'
import { Tokens } from '../parts/tokens.tsx'
import { type Subject, isAsked } from '../recall-request.ts'
import { closeTo, go, linkOf, place, setQuery } from '../router.ts'
import { me } from '../session.ts'

export function New({ dialog }: { readonly dialog: string | null }) {
  const { query } = place.value
  const app = query.get('app') ?? ''
  const pushId = query.get('pushId') ?? ''
  const notifyId = query.get('notifyId') ?? ''
  const content = query.get('content') ?? ''
  const messages = (query.get('messages') ?? '').split(' ').filter(id => id !== '')
  const given = { app, pushId, notifyId, content, messages: messages.join(' ') }
  const subject = subjectOf(app, pushId, content, messages)
  const reason = whyNot()
  const back = linkOf(['new'], given)
  return (
    <>
      <PageHead back={{ link: '#/messages', name: say(places.messages) }} title={w('newTitle')} />
      <section class="card narrow">
        {reason === null ? null : <Notice>{reason}</Notice>}
        {messages.length > 0 ? (
          <p>
            <b>{plural(messages.length, 'oneMarked', 'manyMarked')}</b>
            <span class="second">{messages.join(' ')}</span>
          </p>
        ) : content !== '' ? (
          <p>
            {w('content')} <b>{content}</b>
          </p>
        ) : (
          <ByHandle app={app} pushId={pushId} notifyId={notifyId} />
        )}
        {subject === null ? null : (
          <div class="button-row">
            {operationOrder
              .filter(operation => operation !== 'overlay' || messages.length === 0)
              .map((operation, index) => (
                <a
                  key={operation}
                  id={`act-new-${operation}`}
                  class={`button opens ${index === 0 ? 'primary' : ''}`}
                  href={linkOf(['new', operation], given)}
                  aria-disabled={reason !== null}
                >
                  {named(operationTitles, operation)}
                  {w('ellipsis')}
                </a>
              ))}
          </div>
        )}
        {subject === null || 'target' in subject ? null : (
          <CorrectLine id="act-new-correct" link={linkOf(['new', 'correct'], given)} />
        )}
      </section>
      {isAsked(dialog) && subject !== null ? (
        <RecallDialog
          key={dialog}
          operation={dialog}
          subject={subject}
          title={titleOf(app, pushId, content, messages)}
          onClose={() => closeTo(back)}
        />
      ) : null}
    </>
  )
}

function subjectOf(app: string, pushId: string, content: string, messages: readonly string[]): Subject | null {
  if (messages.length === 1 && messages[0] !== undefined) return { message: messages[0] }
  if (messages.length > 1) return { messages }
  if (content !== '') return { content }
  return app !== '' && pushId !== '' ? { target: { app, pushId } } : null
}

function titleOf(app: string, pushId: string, content: string, messages: readonly string[]): string {
  if (messages.length > 0)
    return messages.length === 1 ? (messages[0] ?? '') : plural(messages.length, 'oneMessage', 'manyMessages')
  return content === '' ? `${app} ${pushId}` : content
}

function ByHandle({
  app,
  pushId,
  notifyId,
}: {
  readonly app: string
  readonly pushId: string
  readonly notifyId: string
}) {
  const apps = me.value?.apps ?? []
  const provider = apps.find(({ id }) => id === app)?.provider ?? null
  const byTokens = provider === 'huawei' || (provider === null && notifyId !== '')
  return (
    <form
      class="stack"
      onSubmit={event => {
        event.preventDefault()
        if (!byTokens && app !== '' && pushId !== '') go(linkOf(['new', 'revoke'], { app, pushId }))
      }}
    >
      <p class="soft">{w('newHelp')}</p>
      <label>
        <b>{w('app')}</b>
        {apps.length > 0 ? (
          <select class="field" name="app" value={app} onChange={event => setQuery({ app: event.currentTarget.value })}>
            <option value="">–</option>
            {apps.map(one => (
              <option key={one.id} value={one.id}>
                {one.id} {one.provider === null || one.provider === undefined ? '' : `· ${providerName(one.provider)}`}
              </option>
            ))}
          </select>
        ) : (
          <input
            class="field"
            name="app"
            value={app}
            onChange={event => setQuery({ app: event.currentTarget.value.trim() })}
          />
        )}
      </label>
      {byTokens ? (
        <Tokens app={app} notifyId={notifyId} />
      ) : (
        <label>
          <b>{w('vendorsId')}</b> <span class="soft">pushId</span>
          <input
            class="field mono"
            name="pushId"
            inputMode="numeric"
            value={pushId}
            maxLength={200}
            onChange={event => setQuery({ pushId: event.currentTarget.value.trim() })}
          />
        </label>
      )}
    </form>
  )
}
