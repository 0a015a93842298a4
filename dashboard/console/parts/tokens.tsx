/** Push tokens of a vendor that addresses them: read from a file or what is pasted, and registered in parts. */
import { useState } from 'preact/hooks'
import { operationTitles } from '../../words/terms.ts'
import type { Operation } from '../answers.ts'
import { type ProblemView, call } from '../api.ts'
import { say, w } from '../language.ts'
import { exact } from '../numbers.ts'
import { go, linkOf } from '../router.ts'
import { tokensIn } from '../token-text.ts'
import { ProblemNotice } from './notice.tsx'

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

/** `names`: those of the push, null where they are not whole. `needed`: without push tokens there is nothing to do. */
export function Tokens({
  app,
  names,
  needed,
  tokens,
  setTokens,
}: {
  readonly app: string
  readonly names: { readonly [member: string]: string | number } | null
  readonly needed: boolean
  readonly tokens: readonly string[]
  readonly setTokens: (tokens: readonly string[]) => void
}) {
  const [sent, setSent] = useState<number | null>(null)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const read = async (file: File | undefined) => {
    if (file !== undefined) setTokens(tokensIn(await file.text()))
  }
  const begin = async (operation: Operation) => {
    if (names === null || tokens.length === 0 || sent !== null) return
    setProblem(null)
    setSent(0)
    const made = await call<{ readonly id: string }>('POST', '/v1/messages', {
      body: { targets: [{ app, ...names, tokens: [] }] },
    })
    if (made.kind !== 'ok') {
      setSent(null)
      if (made.kind === 'problem') setProblem(made.problem)
      return
    }
    let count = 0
    for (const part of partsOf(tokens)) {
      const answer = await call('POST', `/v1/messages/${made.body.id}/tokens`, { body: { app, tokens: part } })
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
      {!needed && tokens.length === 0 ? null : (
        <div class="button-row">
          <button
            type="button"
            class={`button primary opens ${names !== null && tokens.length > 0 ? '' : 'off'}`}
            aria-disabled={names === null || tokens.length === 0}
            onClick={() => void begin('revoke')}
          >
            {say(operationTitles.revoke)}
            {w('ellipsis')}
          </button>
        </div>
      )}
    </>
  )
}
