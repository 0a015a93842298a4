/** The console: one document, its pages by the fragment of the address. */
import { signal } from '@preact/signals'
import { render } from 'preact'
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks'
import { config, readConfig } from './api.ts'
import { now, startClock } from './clock.ts'
import { readMe } from './entering.ts'
import { helpOpen, watchKeys } from './keys.ts'
import { LatePage } from './late-pages.tsx'
import { language, readLanguage, w } from './language.ts'
import { signInByCode } from './local-code.ts'
import { beginSignIn, finishSignIn, wasSignedIn } from './oidc.ts'
import { LockScreen, Login } from './pages/login.tsx'
import { MessagePage } from './pages/message.tsx'
import { Messages } from './pages/messages.tsx'
import { RecallPage } from './pages/recall.tsx'
import { Recalls } from './pages/recalls.tsx'
import { SenderOnly } from './pages/sender-only.tsx'
import { current } from './parts/message-table.tsx'
import { KeyHelp } from './parts/key-help.tsx'
import { LockWarning } from './parts/lock-warning.tsx'
import { Empty } from './parts/notice.tsx'
import { PageHead, Shell } from './parts/shell.tsx'
import { watchInput } from './resource.ts'
import { follow, opened, place } from './router.ts'
import { credential, ending, may, me, takeOver } from './session.ts'
import { readSettings } from './settings.ts'

const ready = signal(false)

function App() {
  if (!ready.value) return null
  if (credential.value === null && ending.value === null) return <Login />
  return (
    <>
      <Shell>
        <Guarded key={place.value.parts[0]} />
      </Shell>
      <Focus />
      {helpOpen.value ? <KeyHelp /> : null}
      {ending.value === null ? <LockWarning /> : <LockScreen why={ending.value} />}
    </>
  )
}

/** A page that cannot draw what came says so; the others still work. */
function Guarded() {
  const [error, again] = useErrorBoundary()
  if (error === undefined) return <Page />
  console.error(error)
  return (
    <>
      <PageHead title={w('pageFailed')} />
      <Empty title={w('pageFailedHelp')}>
        <button type="button" class="button" onClick={again}>
          {w('tryAgain')}
        </button>
      </Empty>
    </>
  )
}

function Page() {
  const { parts } = place.value
  const [page = 'messages', id = null, dialog = null] = parts
  if (me.value !== null && !may('read') && page !== 'settings') return <SenderOnly />
  switch (page) {
    case 'messages':
    case 'login':
      return id === null || page === 'login' ? <Messages /> : <MessagePage key={id} id={id} dialog={dialog} />
    case 'new':
      return <LatePage name="New" dialog={id} />
    case 'recalls':
      return id === null ? (
        <Recalls key={place.value.query.toString()} />
      ) : (
        <RecallPage key={id} id={id} dialog={dialog} />
      )
    case 'approvals':
      return <LatePage name="Approvals" id={id} dialog={dialog} />
    case 'capabilities':
      return <LatePage name="Capabilities" />
    case 'verdicts':
      return <LatePage name="Verdicts" />
    case 'deliveries':
      return <LatePage name="Deliveries" />
    case 'audit':
      return <LatePage name="Audit" />
    case 'health':
      return <LatePage name="Health" />
    case 'settings':
      return <LatePage name="SettingsPage" />
    default:
      return (
        <>
          <PageHead title={w('noPage')} />
          <Empty title={w('noPageHelp')}>
            <a class="link" href="#/messages">
              {w('toMessages')}
            </a>
          </Empty>
        </>
      )
  }
}

/**
 * After a change of page: to its heading, so that who hears the page knows where they are; who is elsewhere by then, by a key of
 * their own, stays there. The title of the tab follows.
 */
function Focus() {
  const turn = opened.value
  const first = useRef(true)
  const left = useRef<{ readonly turn: number; readonly focus: Element | null }>({ turn, focus: null })
  // the page before is still there
  if (left.current.turn !== turn) left.current = { turn, focus: document.activeElement }
  const said = language.value
  useEffect(() => {
    const timer = setTimeout(() => {
      const heading = document.querySelector<HTMLElement>('main h1')
      document.title = heading === null ? 'Unpush' : `${heading.textContent ?? ''} · Unpush`
      const has = document.activeElement
      const isElsewhere = has !== document.body && has !== left.current.focus
      if (!first.current && !isElsewhere && document.querySelector('dialog[open]') === null) {
        scrollTo({ top: 0 })
        heading?.focus({ preventScroll: true })
      }
      first.current = false
    }, 60)
    return () => clearTimeout(timer)
  }, [turn, said, now.value > 0])
  return null
}

async function start(): Promise<void> {
  readSettings()
  readLanguage()
  follow()
  watchInput()
  startClock()
  watchKeys(current)
  const [, took] = await Promise.all([readConfig(), takeOver(() => void readMe())])
  const oidc = config.value?.oidc ?? null
  if (took) await readMe()
  else if (!(await signInByCode()) && !(await finishSignIn(oidc)) && oidc !== null && wasSignedIn())
    await beginSignIn(oidc, true)
  ready.value = true
}

const app = document.getElementById('app')
if (app !== null) render(<App />, app)
void start()
