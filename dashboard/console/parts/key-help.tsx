import { useEffect, useRef } from 'preact/hooks'
import { w } from '../language.ts'
import { helpOpen } from '../keys.ts'
import { Icon } from './icon.tsx'

const keys = [
  ['/', 'keySearch'],
  ['j k', 'keyMove'],
  ['Enter', 'keyOpen'],
  ['r s o', 'keyDialogs'],
  ['g m', 'keyMessages'],
  ['g r', 'keyRecalls'],
  ['g a', 'keyApprovals'],
  ['g h', 'keyHealth'],
  ['.', 'keyRefresh'],
  ['Esc', 'keyBack'],
  ['Ctrl/⌘ + Enter', 'keyConfirm'],
  ['?', 'keyThis'],
] as const

/** The list of keys. */
export function KeyHelp() {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    box.current?.showModal()
  }, [])
  const close = () => (helpOpen.value = false)
  return (
    <dialog class="dialog small-dialog" ref={box} aria-labelledby="keys-title" onClose={close}>
      <header class="dialog-head">
        <h2 id="keys-title">{w('keyAll')}</h2>
        <button type="button" class="quiet-icon" onClick={() => box.current?.close()}>
          <Icon name="close" label={w('close')} />
        </button>
      </header>
      <div class="dialog-body">
        <dl class="key-list">
          {keys.map(([key, word]) => (
            <div key={key}>
              <dt>
                {key.split(' ').map(part => (
                  <kbd key={part}>{part}</kbd>
                ))}
              </dt>
              <dd>{w(word)}</dd>
            </div>
          ))}
        </dl>
        <p class="soft">{w('keysOff')}</p>
      </div>
    </dialog>
  )
}
