/** A recall of what nobody registered: by the vendor's own id, or of several messages at once. */
import { useState } from 'preact/hooks'
import { operationTitles, places } from '../../words/terms.ts'
import { type HandleForm, nameMembers, nameOf, namesToAsk, type VendorNames } from '../handles.ts'
import { named, plural, say, w } from '../language.ts'
import { providerName } from '../names.ts'
import { whyNot } from '../parts/controls.tsx'
import { CorrectLine } from '../parts/correct-line.tsx'
import { Notice } from '../parts/notice.tsx'
import { operationOrder } from '../parts/plan.tsx'
import { RecallDialog } from '../parts/recall-dialog.tsx'
import { PageHead } from '../parts/shell.tsx'
import { Said } from '../parts/text.tsx'
import { Tokens } from '../parts/tokens.tsx'
import { type Subject, isAsked } from '../recall-request.ts'
import { closeTo, go, linkOf, place, setQuery } from '../router.ts'
import { me } from '../session.ts'
import { besideOthers } from '../text.ts'

export function New({ dialog }: { readonly dialog: string | null }) {
  const { query } = place.value
  const [tokens, setTokens] = useState<readonly string[]>([])
  const app = query.get('app') ?? ''
  const content = query.get('content') ?? ''
  const messages = (query.get('messages') ?? '').split(' ').filter(id => id !== '')
  const asked = askedIn(query, app)
  const given = { app, ...asked.texts, content, messages: messages.join(' ') }
  const subject = subjectOf(app, tokens.length === 0 ? asked : null, content, messages)
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
            <span class="second">
              <Said text={messages.join(' ')} />
            </span>
          </p>
        ) : content !== '' ? (
          <p>
            {w('content')}{' '}
            <b>
              <Said text={content} />
            </b>
          </p>
        ) : (
          <ByHandle app={app} asked={asked} tokens={tokens} setTokens={setTokens} />
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
          title={titleOf(app, asked, content, messages)}
          onClose={() => closeTo(back)}
        />
      ) : null}
    </>
  )
}

interface Asked extends VendorNames {
  readonly provider: string | null
  /** What stands in each field. */
  readonly texts: { readonly [member: string]: string }
  /** The same as the API takes it; null: nothing is there, or some of it is no such name. */
  readonly names: { readonly [member: string]: string | number } | null
}

/** The fields by the vendor of the app. An id that came before its app was known belongs in the first one. */
function askedIn(query: URLSearchParams, app: string): Asked {
  const provider = me.value?.apps?.find(({ id }) => id === app)?.provider ?? null
  const { tokens, handles } = namesToAsk(provider, member => query.get(member) ?? '')
  const written = handles.map(handle => [handle, query.get(handle.member) ?? ''] as const)
  const early = written.every(([, text]) => text === '') ? (query.get('handle') ?? '') : ''
  const filled = written.map(([handle, text], place) => [handle, place === 0 && text === '' ? early : text] as const)
  const read = filled.flatMap(([handle, text]) => (text === '' ? [] : [[handle.member, nameOf(handle, text)] as const]))
  const good = read.flatMap(([member, name]) => (name === null ? [] : [[member, name] as const]))
  return {
    provider,
    tokens,
    handles,
    texts: Object.fromEntries(filled.map(([{ member }, text]) => [member, text])),
    names: good.length === 0 || good.length < read.length ? null : Object.fromEntries(good),
  }
}

/** `asked` null: push tokens go with the names, and have to be registered first. */
function subjectOf(app: string, asked: Asked | null, content: string, messages: readonly string[]): Subject | null {
  if (messages.length === 1 && messages[0] !== undefined) return { message: messages[0] }
  if (messages.length > 1) return { messages }
  if (content !== '') return { content }
  const { names = null, handles = [] } = asked ?? {}
  return app !== '' && names !== null && handles.some(({ member, whole }) => whole && member in names)
    ? { target: { app, ...names } }
    : null
}

function titleOf(app: string, { texts }: Asked, content: string, messages: readonly string[]): string {
  if (messages.length > 0)
    return messages.length === 1 ? (messages[0] ?? '') : plural(messages.length, 'oneMessage', 'manyMessages')
  return content === '' ? `${app} ${Object.values(texts).find(text => text !== '')}` : content
}

function ByHandle({
  app,
  asked,
  tokens,
  setTokens,
}: {
  readonly app: string
  readonly asked: Asked
  readonly tokens: readonly string[]
  readonly setTokens: (tokens: readonly string[]) => void
}) {
  const apps = me.value?.apps ?? []
  const whole = subjectOf(app, asked, '', [])
  const choose = (chosen: string) => {
    const text = Object.values(asked.texts).find(one => one !== '') ?? ''
    setTokens([])
    setQuery({ ...Object.fromEntries(nameMembers.map(member => [member, null])), app: chosen, handle: text })
  }
  return (
    <form
      class="stack"
      onSubmit={event => {
        event.preventDefault()
        if (whole !== null && tokens.length === 0) go(linkOf(['new', 'revoke'], { app, ...asked.texts }))
      }}
    >
      <p class="soft">{w('newHelp')}</p>
      <label>
        <b>{w('app')}</b>
        {apps.length > 0 ? (
          <select class="field" name="app" value={app} onChange={event => choose(event.currentTarget.value)}>
            <option value="">–</option>
            {apps.map(one => (
              <option key={one.id} value={one.id}>
                {besideOthers(one.id)}{' '}
                {one.provider === null || one.provider === undefined ? '' : `· ${providerName(one.provider)}`}
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
      {asked.handles.map(handle => (
        <NameField key={handle.member} handle={handle} text={asked.texts[handle.member] ?? ''} />
      ))}
      {asked.tokens === 'never' ? null : (
        <Tokens app={app} names={asked.names} needed={whole === null} tokens={tokens} setTokens={setTokens} />
      )}
    </form>
  )
}

function NameField({ handle, text }: { readonly handle: HandleForm; readonly text: string }) {
  const { member, integer, digits = false } = handle
  return (
    <label>
      <b>{w('vendorsId')}</b> {member === 'handle' ? null : <span class="soft">{member}</span>}
      <input
        class="field mono"
        name={member}
        inputMode={integer || digits ? 'numeric' : 'text'}
        value={text}
        maxLength={integer ? 10 : 200}
        aria-invalid={text !== '' && nameOf(handle, text) === null}
        onChange={event => setQuery({ handle: null, [member]: event.currentTarget.value.trim() })}
      />
    </label>
  )
}
