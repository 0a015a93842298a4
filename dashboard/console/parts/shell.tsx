/** The frame of every page: which environment this is, the seven places, who is signed in. */
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { places } from '../../words/terms.ts'
import type { Summary } from '../answers.ts'
import { config } from '../api.ts'
import { chooseLanguage, language, say, w } from '../language.ts'
import { linkOf, place } from '../router.ts'
import { applyTheme, keep, theme } from '../settings.ts'
import { lock, me } from '../session.ts'
import { fails, useReady } from '../ready.ts'
import { useResource } from '../resource.ts'
import { Icon, type IconName } from './icon.tsx'
import { StaleBar } from './notice.tsx'
import { Said } from './text.tsx'
import { VersionNote } from './version-note.tsx'

export function environmentName(): string {
  const name = config.value?.environment ?? ''
  if (name === 'sandbox') return w('sandboxName')
  return name === 'production' ? w('productionName') : name
}

export const isSandbox = (): boolean => config.value?.environment === 'sandbox'

/** The strip on the upper edge of the page and of dialogs. */
export function Band() {
  return config.value === null ? <div class="band" /> : <div class={`band ${isSandbox() ? 'sandbox' : 'production'}`} />
}

export function Environment({ short = false }: { readonly short?: boolean }) {
  if (config.value === null) return null
  return (
    <span class={`environment ${isSandbox() ? 'sandbox' : 'production'}`}>
      {environmentName()}
      {isSandbox() && !short ? <small> · {w('noRealPhones')}</small> : null}
    </span>
  )
}

type PlaceName = keyof typeof places
const routes: readonly { readonly name: PlaceName; readonly link: string; readonly roots: readonly string[] }[] = [
  { name: 'messages', link: '#/messages', roots: ['messages', 'new'] },
  { name: 'recalls', link: '#/recalls', roots: ['recalls'] },
  { name: 'approvals', link: '#/approvals', roots: ['approvals'] },
  { name: 'moderation', link: '#/verdicts', roots: ['verdicts', 'deliveries'] },
  { name: 'capabilities', link: '#/capabilities', roots: ['capabilities'] },
  { name: 'audit', link: '#/audit', roots: ['audit'] },
  { name: 'health', link: '#/health', roots: ['health'] },
]

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const summary = useResource<Summary>('/v1/summary', () => ({ pace: 'slow' }))
  const counts = summary?.data.value ?? null
  const broken = fails(useReady())
  const root = place.value.parts[0] ?? 'messages'
  const links = routes.map(({ name, link, roots }) => (
    <a key={name} href={link} aria-current={roots.includes(root) ? 'page' : undefined}>
      {say(places[name])}
      <Badge name={name} counts={counts} broken={broken} />
    </a>
  ))
  const top = useFit()
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        {w('skip')}
      </a>
      <Band />
      <header class="top" ref={top}>
        <a class="brand" href="#/messages">
          <Icon name="logo" /> <b>Unpush</b>
        </a>
        <Environment />
        <nav class="places" aria-label={w('places')}>
          {links}
        </nav>
        <div class="tools">
          <ApprovalsShort counts={counts} />
          <span class="wide">
            <LanguageSwitch />
            <ThemeSwitch />
          </span>
          <a class="person" href={linkOf(['settings'])} title={w('settings')}>
            <Said text={me.value?.person ?? me.value?.id ?? w('settings')} />
          </a>
          <button type="button" class="quiet-icon wide" title={w('lock')} onClick={lock}>
            <Icon name="lock" label={w('lock')} />
          </button>
          <Menu>{links}</Menu>
        </div>
      </header>
      <VersionNote counts={counts} />
      <StaleBar />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

/** Fonts, languages and numbers differ too much for a width at which the places fit: so it is looked whether they do. */
function useFit() {
  const top = useRef<HTMLElement>(null)
  const fit = () => {
    const element = top.current
    if (element === null) return
    element.classList.remove('short', 'folded')
    for (const form of ['short', 'folded']) if (element.scrollWidth > element.clientWidth) element.classList.add(form)
  }
  useLayoutEffect(fit)
  useEffect(() => {
    addEventListener('resize', fit)
    return () => removeEventListener('resize', fit)
  }, [])
  return top
}

function skip(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Badge({
  name,
  counts,
  broken,
}: {
  readonly name: PlaceName
  readonly counts: Summary | null
  readonly broken: boolean
}) {
  if (counts === null) return null
  if (name === 'recalls' && counts.running > 0) return <span class="badge">{counts.running}</span>
  if (name === 'approvals' && counts.waiting > 0)
    return (
      <span class={`badge ${counts.waitingForMe > 0 ? 'mine' : ''}`}>
        {counts.waitingForMe > 0 ? counts.waitingForMe : counts.waiting}
      </span>
    )
  if (name !== 'health') return null
  const bad = counts.badCredentials > 0 || broken
  const worn = counts.disabledSubscribers > 0
  const icon: IconName = bad ? 'failed' : worn ? 'warn' : 'done'
  return (
    <span class={bad ? 'bad' : worn ? 'warn' : 'ok'}>
      <Icon name={icon} label={bad || worn ? w('notWell') : w('well')} />
    </span>
  )
}

/** Where there is no room for places: what waits for this person is still one tap away. */
function ApprovalsShort({ counts }: { readonly counts: Summary | null }) {
  const mine = counts?.waitingForMe ?? 0
  return (
    <a class="approvals-short quiet-icon" href="#/approvals">
      <Icon name="people" label={say(places.approvals)} />
      {mine > 0 ? <span class="badge mine">{mine}</span> : null}
    </a>
  )
}

export function LanguageSwitch() {
  const other = language.value === 'zh' ? 'en' : 'zh'
  return (
    <button type="button" class="quiet" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => chooseLanguage(other)}>
      {other === 'zh' ? '中文' : 'EN'}
    </button>
  )
}

export function ThemeSwitch() {
  const dark = theme.value === 'dark' || (theme.value === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  const choose = () => {
    const next = dark ? 'light' : 'dark'
    keep('theme', next)
    applyTheme(next)
  }
  const name = dark ? w('lightTheme') : w('darkTheme')
  return (
    <button type="button" class="quiet-icon" title={name} onClick={choose}>
      <Icon name={dark ? 'sun' : 'moon'} label={name} />
    </button>
  )
}

function Menu({ children }: { readonly children: ComponentChildren }) {
  const box = useRef<HTMLDetailsElement>(null)
  const here = place.value
  useEffect(() => {
    if (box.current !== null) box.current.open = false
  }, [here])
  useEffect(() => {
    const elsewhere = (event: Event) => {
      if (box.current?.open === true && event.target instanceof Node && !box.current.contains(event.target))
        box.current.open = false
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || box.current?.open !== true) return
      box.current.open = false
      box.current.querySelector('summary')?.focus()
    }
    addEventListener('pointerdown', elsewhere)
    addEventListener('keydown', escape)
    return () => {
      removeEventListener('pointerdown', elsewhere)
      removeEventListener('keydown', escape)
    }
  }, [])
  return (
    <details class="menu" ref={box}>
      <summary class="quiet-icon">
        <Icon name="menu" label={w('menu')} />
      </summary>
      <div class="menu-panel">
        <nav aria-label={w('places')}>{children}</nav>
        <div class="menu-tools">
          <LanguageSwitch />
          <ThemeSwitch />
          <a class="quiet" href={linkOf(['settings'])}>
            {w('settings')}
          </a>
          <button type="button" class="quiet" onClick={lock}>
            <Icon name="lock" /> {w('lock')}
          </button>
        </div>
      </div>
    </details>
  )
}

/** The head of a page: where it hangs, its name, what stands beside it. */
export function PageHead({
  title,
  back,
  beside,
  children,
}: {
  readonly title: ComponentChildren
  readonly back?: { readonly link: string; readonly name: string }
  readonly beside?: ComponentChildren
  readonly children?: ComponentChildren
}) {
  return (
    <div class="page-head">
      <div>
        {back === undefined ? null : (
          <a class="way-back" href={back.link}>
            <Icon name="back" /> {back.name}
          </a>
        )}
        <h1 tabIndex={-1}>{title}</h1>
        {beside}
      </div>
      {children}
    </div>
  )
}
