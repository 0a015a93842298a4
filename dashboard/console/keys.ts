/** Keys that act without Ctrl. Off while somebody types or composes, under a dialog, and where settings say so. */
import { signal } from '@preact/signals'
import { live } from './resource.ts'
import { go } from './router.ts'
import { shortcutsOn } from './settings.ts'

export const helpOpen = signal(false)

let before = ''
let beforeAt = 0

/** `rows`: the table of the page, whose row is moved by `j` and `k`. */
export function watchKeys(current: { value: number }): void {
  addEventListener('keydown', event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (!shortcutsOn.peek() || isTyping(event.target) || document.querySelector('dialog[open]') !== null) return
    const key = event.key
    const chord = before === 'g' && Date.now() - beforeAt < 1500 ? `g${key}` : key
    before = key
    beforeAt = Date.now()
    if (act(chord, current)) event.preventDefault()
  })
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
      (target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit)$/.test(target.type)))
  )
}

function act(chord: string, current: { value: number }): boolean {
  switch (chord) {
    case '/':
      document.getElementById('search')?.focus()
      return true
    case 'j':
    case 'k':
      return move(chord === 'j' ? 1 : -1, current)
    case 'Enter':
      // of a focused link or button it is its own
      if (document.activeElement instanceof HTMLAnchorElement || document.activeElement instanceof HTMLButtonElement)
        return false
      return click(`tr[data-row="${current.value}"] .row-link`)
    case 'r':
      return click(`tr[data-row="${current.value}"] .verbs .revoke`) || click('.plan .button[id$="-revoke"]')
    case 's':
      return click(`tr[data-row="${current.value}"] .verbs .stop`) || click('.plan .button[id$="-stop"]')
    case 'o':
      return click(`tr[data-row="${current.value}"] .verbs .overlay`) || click('.plan .button[id$="-overlay"]')
    case 'gm':
      go('#/messages')
      return true
    case 'gr':
      go('#/recalls')
      return true
    case 'ga':
      go('#/approvals')
      return true
    case 'gh':
      go('#/health')
      return true
    case '.':
      for (const resource of live.peek()) resource.refresh()
      return true
    case '?':
      helpOpen.value = true
      return true
    case 'Escape':
      if (location.hash.split('/').length > 2) history.back()
      return true
    default:
      return false
  }
}

function click(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector)
  found?.click()
  return found !== null
}

function move(by: number, current: { value: number }): boolean {
  const rows = document.querySelectorAll<HTMLElement>('tr[data-row]')
  if (rows.length === 0) return false
  current.value = Math.min(rows.length - 1, Math.max(0, current.value + by))
  const row = rows[current.value]
  row?.scrollIntoView({ block: 'nearest' })
  row?.querySelector<HTMLElement>('.row-link')?.focus({ preventScroll: true })
  return true
}
