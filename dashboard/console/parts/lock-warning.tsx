import { useEffect, useRef, useState } from 'preact/hooks'
import { w } from '../language.ts'
import { now } from '../clock.ts'
import { idleMs } from '../resource.ts'
import { credential, lock } from '../session.ts'
import { lockMinutes } from '../settings.ts'

/** A minute before the page locks itself: any input keeps it open. */
export function LockWarning() {
  const box = useRef<HTMLDialogElement>(null)
  const [, tick] = useState(0)
  useEffect(() => {
    // also while the tab is hidden, where the clock of the page stands still
    const timer = setInterval(() => {
      if (credential.peek() !== null && idleMs() > lockMinutes.peek() * 60_000) lock()
      tick(Date.now())
    }, 5000)
    return () => clearInterval(timer)
  }, [])
  const leftMs = lockMinutes.value * 60_000 - idleMs()
  const soon = leftMs < 60_000 && now.value > 0
  useEffect(() => {
    if (soon && box.current?.open === false) box.current.showModal()
    if (!soon && box.current?.open === true) box.current.close()
  }, [soon])
  return (
    <dialog class="dialog small-dialog" ref={box} aria-labelledby="lock-soon">
      <div class="dialog-body">
        <h2 id="lock-soon">{w('lockSoon', { n: Math.max(0, Math.ceil(leftMs / 1000)) })}</h2>
        <button type="button" class="button primary big" onClick={() => box.current?.close()}>
          {w('stay')}
        </button>
      </div>
    </dialog>
  )
}
