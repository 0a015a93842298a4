/** Fields and buttons that several pages have. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { operationTitles } from '../../words/terms.ts'
import type { Message, Operation } from '../answers.ts'
import { named, w } from '../language.ts'
import { linkOf } from '../router.ts'
import { may } from '../session.ts'
import { besideOthers } from '../text.ts'
import { Icon } from './icon.tsx'

/** Asks a moment after the last stroke, and never in the middle of a composed word. */
export function SearchField({
  value,
  placeholder,
  onSearch,
}: {
  readonly value: string
  readonly placeholder: string
  readonly onSearch: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const timer = useRef(0)
  const composing = useRef(false)
  useEffect(() => setText(value), [value])
  const plan = (next: string, delayMs: number) => {
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => onSearch(next.trim()), delayMs)
  }
  return (
    <form
      class="search"
      role="search"
      onSubmit={event => {
        event.preventDefault()
        if (!composing.current) plan(text, 0)
      }}
    >
      <Icon name="search" />
      <input
        id="search"
        type="search"
        class="field"
        aria-label={placeholder}
        placeholder={placeholder}
        value={text}
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
        onCompositionStart={() => (composing.current = true)}
        onCompositionEnd={event => {
          composing.current = false
          plan(event.currentTarget.value, 250)
        }}
        onInput={event => {
          setText(event.currentTarget.value)
          if (!composing.current) plan(event.currentTarget.value, 250)
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  )
}

export function FilterSelect({
  name,
  value,
  options,
  onChoose,
  all = w('all'),
}: {
  readonly name: string
  readonly value: string
  readonly options: readonly (readonly [value: string, words: string])[]
  readonly onChoose: (value: string | null) => void
  readonly all?: string
}) {
  const known = options.some(([option]) => option === value)
  return (
    <label class={`select ${value === '' ? '' : 'on'}`}>
      <span>{name}</span>
      <select value={value} onChange={event => onChoose(event.currentTarget.value || null)}>
        <option value="">{all}</option>
        {known || value === '' ? null : <option value={value}>{besideOthers(value)}</option>}
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {besideOthers(words)}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  )
}

const verbs: readonly Operation[] = ['revoke', 'overlay', 'stop']

/** Opening a dialog; only *Revoke* is coloured. */
export function Verbs({ message }: { readonly message: Message }) {
  const reason = whyNot()
  return (
    <span class="verbs" title={reason ?? undefined}>
      {verbs.map(verb =>
        reason === null ? (
          <a key={verb} id={`act-${message.id}-${verb}`} class={verb} href={linkOf(['messages', message.id, verb])}>
            {named(operationTitles, verb)}
          </a>
        ) : (
          <span key={verb} class="off" aria-disabled="true">
            {named(operationTitles, verb)}
          </span>
        ),
      )}
    </span>
  )
}

/** Why this person cannot start a recall; null: may. */
export function whyNot(): string | null {
  return may('operate') ? null : w('onlyOperator')
}

/** A disabled act stays to be seen, its reason beside it. */
export function OffWith({ label, reason }: { readonly label: string; readonly reason: string }) {
  return (
    <span class="off-with">
      <button type="button" class="button off" aria-disabled="true">
        {label}
      </button>
      <span class="soft">
        <Icon name="info" /> {reason}
      </span>
    </span>
  )
}
