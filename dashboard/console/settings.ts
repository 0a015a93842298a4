/** What a person chose on this machine. The one thing that is kept in the browser, beside what signing in needs on its way. */
import { signal } from '@preact/signals'

export interface Settings {
  readonly language: string
  readonly theme: string
  readonly shortcuts: string
  readonly zone: string
  readonly lockMinutes: string
}

const prefix = 'unpush.'

/** Null: nothing was chosen, or the browser keeps nothing. */
export function kept(name: keyof Settings): string | null {
  try {
    return localStorage.getItem(prefix + name)
  } catch {
    return null
  }
}

export function keep(name: keyof Settings, value: string): void {
  try {
    localStorage.setItem(prefix + name, value)
  } catch {
    // private windows keep nothing: it holds for this tab then
  }
}

export const theme = signal('auto')
export const shortcutsOn = signal(true)
/** An IANA name; null: the browser's own. */
export const zone = signal<string | null>(null)
export const lockMinutes = signal(60)

export function readSettings(): void {
  applyTheme(kept('theme') ?? 'auto')
  shortcutsOn.value = kept('shortcuts') !== 'off'
  zone.value = readZone(kept('zone'))
  lockMinutes.value = lockIn(kept('lockMinutes'))
}

export function applyTheme(name: string): void {
  theme.value = name === 'light' || name === 'dark' ? name : 'auto'
  if (theme.value === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme.value
}

export function readZone(name: string | null): string | null {
  if (name === null || name === '') return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

/** 15 to 240 minutes. */
function lockIn(text: string | null): number {
  const minutes = Number(text ?? 60)
  return Number.isFinite(minutes) ? Math.min(240, Math.max(15, Math.round(minutes))) : 60
}
