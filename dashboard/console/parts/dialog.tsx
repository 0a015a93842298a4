/** A native dialog: the keyboard stays in it, Esc and *Back* close it, and focus goes back to where it came from. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { w } from '../language.ts'
import { Icon } from './icon.tsx'
import { Band, Environment } from './shell.tsx'

export function Dialog({
  title,
  wide = false,
  onClose,
  onConfirm,
  children,
  foot,
}: {
  readonly title: ComponentChildren
  readonly wide?: boolean
  readonly onClose: () => void
  /** Ctrl or Command and Enter. */
  readonly onConfirm?: () => void
  readonly children: ComponentChildren
  readonly foot: ComponentChildren
}) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    box.current?.showModal()
    // the first field, not the button that closes
    box.current?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      class={`dialog ${wide ? 'wide' : ''}`}
      ref={box}
      aria-labelledby="dialog-title"
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      onKeyDown={event => {
        if (event.isComposing) return
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          onConfirm?.()
        }
      }}
    >
      <Band />
      <header class="dialog-head">
        <button type="button" class="quiet-icon dialog-close" onClick={onClose}>
          <Icon name="close" label={w('close')} />
        </button>
        <h2 id="dialog-title">{title}</h2>
        <Environment short />
      </header>
      <div class="dialog-body">{children}</div>
      <footer class="dialog-foot">{foot}</footer>
    </dialog>
  )
}
