/** A recall of what nobody registered: by the vendor's own id, or of several messages at once. */
import { useState } from 'preact/hooks'
import { operationTitles, places } from '../../words/terms.ts'
import type { Operation } from '../answers.ts'
import { call, type ProblemView } from '../api.ts'
import { plural, say, w } from '../language.ts'
import { providerName } from '../names.ts'
import { exact } from '../numbers.ts'
import { whyNot } from '../parts/controls.tsx'
import { Notice, ProblemNotice } from '../parts/notice.tsx'
import { operationOrder } from '../parts/plan.tsx'
import { RecallDialog } from '../parts/recall-dialog.tsx'
import { PageHead } from '../parts/shell.tsx'
import type { Subject } from '../recall-request.ts'
import { closeTo, linkOf, place, setQuery, go } from '../router.ts'
import { me } from '../session.ts'
import { isDialog } from './message.tsx'

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
                  {say(operationTitles[operation])}
                  {w('ellipsis')}
                </a>
              ))}
          </div>
        )}
      </section>
      {isDialog(dialog) && subject !== null ? (
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

/** Lines of a file, counted here and never shown: push tokens are personal data. */
export function tokensIn(text: string): string[] {
  const whole = text.trim()
  if (whole.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(whole)
      if (Array.isArray(list))
        return [...new Set(list.filter((one): one is string => typeof one === 'string' && one !== ''))]
    } catch {
      // lines then
    }
  }
  const lines = whole.split(/\r?\n/).map(line => {
    const bare = line.trim().replace(/,$/, '')
    if (!bare.startsWith('"')) return bare
    try {
      return String(JSON.parse(bare))
    } catch {
      return bare
    }
  })
  return [...new Set(lines.filter(line => line !== ''))]
}

/** Parts below the 4 MiB that a request may have. */
export function partsOf(tokens: readonly string[], mostBytes = 3_500_000): string[][] {
  const parts: string[][] = []
  let part: string[] = []
  let size = 0
  for (const token of tokens) {
    // a character is four bytes at most, and is escaped as six
    const bytes = token.length * 6 + 3
    if (part.length > 0 && size + bytes > mostBytes) {
      parts.push(part)
      part = []
      size = 0
    }
    part.push(token)
    size += bytes
  }
  return part.length === 0 ? parts : [...parts, part]
}

function Tokens({ app, notifyId }: { readonly app: string; readonly notifyId: string }) {
  const [tokens, setTokens] = useState<readonly string[]>([])
  const [sent, setSent] = useState<number | null>(null)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const read = async (file: File | undefined) => {
    if (file !== undefined) setTokens(tokensIn(await file.text()))
  }
  const valid = /^\d{1,10}$/.test(notifyId) && Number(notifyId) <= 2_147_483_647
  const begin = async (operation: Operation) => {
    if (!valid || tokens.length === 0 || sent !== null) return
    setProblem(null)
    setSent(0)
    const id = Number(notifyId)
    const made = await call<{ readonly id: string }>('POST', '/v1/messages', {
      body: { targets: [{ app, notifyId: id, tokens: [] }] },
    })
    if (made.kind !== 'ok') {
      setSent(null)
      if (made.kind === 'problem') setProblem(made.problem)
      return
    }
    let count = 0
    for (const part of partsOf(tokens)) {
      const answer = await call('POST', `/v1/messages/${made.body.id}/tokens`, {
        body: { app, notifyId: id, tokens: part },
      })
      if (answer.kind === 'problem') {
        setSent(null)
        return setProblem(answer.problem)
      }
      count += part.length
      setSent(count)
    }
    setTokens([])
    go(linkOf(['messages', made.body.id, operation]))
  }
  return (
    <>
      <label>
        <b>{w('vendorsId')}</b> <span class="soft">notifyId</span>
        <input
          class="field mono"
          name="notifyId"
          inputMode="numeric"
          value={notifyId}
          maxLength={10}
          aria-invalid={notifyId !== '' && !valid}
          onChange={event => setQuery({ notifyId: event.currentTarget.value.trim() })}
        />
      </label>
      <label>
        <b>{w('tokensFile')}</b>
        <input
          class="field"
          type="file"
          accept=".txt,.csv,.json,.ndjson,text/plain"
          onChange={event => void read(event.currentTarget.files?.[0])}
        />
      </label>
      <label>
        <b>{w('tokensPaste')}</b>
        <textarea
          class="field mono"
          rows={2}
          autocomplete="off"
          spellcheck={false}
          value=""
          onPaste={event => {
            event.preventDefault()
            setTokens(tokensIn(event.clipboardData?.getData('text') ?? ''))
          }}
          onInput={event => {
            setTokens(tokensIn(event.currentTarget.value))
            event.currentTarget.value = ''
          }}
        />
      </label>
      <p role="status">
        <b>{w('tokensCounted', { n: exact(tokens.length) })}</b> <span class="soft">{w('tokensNeverShown')}</span>
      </p>
      {sent === null ? null : <p>{w('tokensSent', { n: exact(sent), all: exact(Math.max(sent, tokens.length)) })}</p>}
      {problem === null ? null : <ProblemNotice problem={problem} />}
      <div class="button-row">
        <button
          type="button"
          class={`button primary opens ${valid && tokens.length > 0 ? '' : 'off'}`}
          aria-disabled={!valid || tokens.length === 0}
          onClick={() => void begin('revoke')}
        >
          {say(operationTitles.revoke)}
          {w('ellipsis')}
        </button>
      </div>
    </>
  )
}
