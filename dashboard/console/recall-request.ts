/** A recall on its way: planned as it will be asked for, sent under one key, and never twice. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { AskedOperation, DryRun, Operation, Recall } from './answers.ts'
import { call, type ProblemView } from './api.ts'
import { type PlanView, viewDryRun } from './plan-view.ts'

export type Subject =
  | { readonly message: string }
  | { readonly messages: readonly string[] }
  | { readonly content: string }
  | { readonly target: { readonly [member: string]: unknown } }

export interface NewText {
  readonly title: string
  readonly body: string
  readonly url: string
  readonly forceCollapse: boolean
}

/** What decides the plan. */
export interface Asked {
  readonly operation: AskedOperation
  readonly subject: Subject
  /** Push tokens that are left alone. */
  readonly exceptTokens: readonly string[]
  readonly fallback: boolean
  readonly overlay: NewText | null
  readonly supersede: boolean
}

export function isOperation(text: string | null): text is Operation {
  return text === 'revoke' || text === 'stop' || text === 'overlay'
}

export function isAsked(text: string | null): text is AskedOperation {
  return text === 'correct' || isOperation(text)
}

/** It takes a new text: it is, or may be, an overlay. */
export function takesText(operation: AskedOperation): boolean {
  return operation === 'overlay' || operation === 'correct'
}

export const pathOf = (operation: AskedOperation): string =>
  operation === 'correct' ? '/v1/corrections' : `/v1/${operation}`

export function bodyOf({ subject, exceptTokens, fallback, overlay, supersede }: Asked): {
  readonly [member: string]: unknown
} {
  return {
    ...subject,
    ...(exceptTokens.length === 0 ? {} : { exceptTokens }),
    ...(fallback ? {} : { fallback }),
    ...(supersede ? { supersede } : {}),
    ...(overlay === null
      ? {}
      : {
          overlay: {
            title: overlay.title,
            body: overlay.body,
            ...(overlay.url === '' ? {} : { url: overlay.url }),
            forceCollapse: overlay.forceCollapse,
          },
        }),
  }
}

export interface DryRunState {
  readonly plan: PlanView | null
  /** Epoch milliseconds. */
  readonly at: number | null
  readonly problem: ProblemView | null
  /** The plan is of what was asked before. */
  readonly pending: boolean
  readonly again: () => void
  readonly take: (run: DryRun) => void
}

/** Null: what is asked is not whole yet. A moment after the last change. */
export function useDryRun(asked: Asked | null): DryRunState {
  const [found, setFound] = useState<{
    readonly run: DryRun | null
    readonly at: number | null
    readonly problem: ProblemView | null
    readonly of: string
  }>({
    run: null,
    at: null,
    problem: null,
    of: '',
  })
  const [turn, setTurn] = useState(0)
  const key = asked === null ? '' : JSON.stringify(asked)
  const first = useRef(true)
  useEffect(() => {
    if (asked === null) return undefined
    let gone = false
    const ask = async () => {
      const answer = await call<DryRun>('POST', pathOf(asked.operation), { body: { ...bodyOf(asked), dryRun: true } })
      if (gone) return
      if (answer.kind === 'ok') setFound({ run: answer.body, at: Date.now(), problem: null, of: key })
      else if (answer.kind === 'problem') setFound(before => ({ ...before, problem: answer.problem, of: key }))
    }
    const timer = window.setTimeout(() => void ask(), first.current ? 0 : 400)
    first.current = false
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [key, turn])
  return {
    // at each look: the words of its warnings may have come since
    plan: found.run === null || asked === null ? null : viewDryRun(asked.operation, found.run),
    at: found.at,
    problem: found.problem,
    pending: found.of !== key,
    again: () => setTurn(turn + 1),
    take: run => {
      if (asked !== null) setFound({ run, at: Date.now(), problem: null, of: key })
    },
  }
}

export type Sending =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending' }
  /** No answer came: it may have been taken in or not. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'problem'; readonly problem: ProblemView }

export interface Sender {
  readonly sending: Sending
  /** Resolves with the recall that was started, joined or waits. The same body is sent under the same key. */
  send(path: string, body: { readonly [member: string]: unknown }): Promise<Recall | null>
  clear(): void
}

export function useSender(): Sender {
  const [sending, setSending] = useState<Sending>({ kind: 'idle' })
  const keys = useRef(new Map<string, string>())
  const busy = useRef(false)
  return {
    sending,
    clear: () => setSending({ kind: 'idle' }),
    async send(path, body) {
      // two clicks, or a click and Enter, are one request
      if (busy.current) return null
      busy.current = true
      setSending({ kind: 'sending' })
      const text = JSON.stringify([path, body])
      const key = keys.current.get(text) ?? newKey()
      keys.current.set(text, key)
      const answer = await call<Recall>('POST', path, { body, headers: { 'idempotency-key': key, prefer: 'wait=1' } })
      busy.current = false
      if (answer.kind === 'ok') {
        setSending({ kind: 'idle' })
        return answer.body
      }
      if (answer.kind === 'problem') {
        const { status, slug } = answer.problem
        setSending(
          status === 0 || status === 502 || status === 504 || slug === 'strange'
            ? { kind: 'lost' }
            : { kind: 'problem', problem: answer.problem },
        )
      }
      return null
    },
  }
}

function newKey(): string {
  return `console-${Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')}`
}
