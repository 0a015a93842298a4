/** Signing in: with a key, or at the issuer where one is configured. Also what lies over a page that was locked. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { config, type ProblemView } from '../api.ts'
import { w } from '../language.ts'
import { beginSignIn, signInProblem } from '../oidc.ts'
import { place, replace } from '../router.ts'
import { type Ending } from '../session.ts'
import { enter } from '../entering.ts'
import { Band, Environment, LanguageSwitch, ThemeSwitch } from '../parts/shell.tsx'
import { Icon } from '../parts/icon.tsx'
import { ProblemNotice, Notice, Copy } from '../parts/notice.tsx'

export function Login() {
  useEffect(() => {
    const start = document.getElementById('start')
    if (start === null) return undefined
    start.hidden = false
    return () => {
      start.hidden = true
    }
  }, [])
  return (
    <>
      <Band />
      <header class="top">
        <span class="brand">
          <Icon name="logo" /> <b>Unpush</b>
        </span>
        <Environment />
        <div class="tools">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" class="login-page">
        <LoginCard title={w('signInTitle')} />
      </main>
    </>
  )
}

/** Over the page, which keeps its place. */
export function LockScreen({ why }: { readonly why: Exclude<Ending, null> }) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    box.current?.showModal()
  }, [])
  return (
    <dialog
      class="dialog lock"
      ref={box}
      aria-label={w('lockedTitle')}
      onCancel={event => event.preventDefault()}
      onClose={() => box.current?.showModal()}
    >
      <Band />
      <LoginCard title={why === 'expired' ? w('expiredTitle') : w('lockedTitle')} />
    </dialog>
  )
}

function LoginCard({ title }: { readonly title: string }) {
  const field = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const oidc = config.value?.oidc ?? null
  const submit = async (event: Event) => {
    event.preventDefault()
    const key = field.current?.value.trim() ?? ''
    if (key === '' || busy) return field.current?.focus()
    setBusy(true)
    const refused = await enter({ secret: key, kind: 'key', expiresAt: null })
    setBusy(false)
    setProblem(refused)
    if (refused !== null) return field.current?.select()
    const { parts, query } = place.peek()
    if (parts[0] === 'login') replace(query.get('to')?.startsWith('#/') === true ? (query.get('to') ?? '#/') : '#/')
  }
  return (
    <form class="card login" onSubmit={event => void submit(event)} method="post" action="#">
      <h1>{title}</h1>
      {oidc === null ? null : (
        <>
          <button type="button" class="button primary big" onClick={() => void beginSignIn(oidc)}>
            {w('signInSso')}
          </button>
          <p class="or">{w('orKey')}</p>
        </>
      )}
      {signInProblem.value === null ? null : (
        <Notice tone="bad" alert>
          {signInProblem.value}
        </Notice>
      )}
      <input
        type="text"
        name="username"
        autocomplete="username"
        value={location.origin}
        class="unseen-field"
        tabIndex={-1}
        aria-hidden="true"
        readOnly
      />
      <label for="key">{w('apiKey')}</label>
      <input
        ref={field}
        id="key"
        type="password"
        name="key"
        class="field"
        autocomplete="current-password"
        autocapitalize="off"
        spellcheck={false}
        required
        autoFocus
        aria-invalid={problem !== null}
        aria-describedby="key-note"
      />
      <button type="submit" class={`button big ${oidc === null ? 'primary' : ''}`} aria-disabled={busy}>
        {busy ? w('signingIn') : w('signIn')}
      </button>
      <p id="key-note" class="soft small">
        {w('memoryOnly')}
      </p>
      {problem === null ? null : problem.status === 401 ? (
        <Notice tone="bad" alert>
          <b>{w('keyUnknown')}</b>
          {problem.requestId === null ? null : <Copy label="" text={problem.requestId} />}
        </Notice>
      ) : (
        <ProblemNotice problem={problem} />
      )}
    </form>
  )
}
