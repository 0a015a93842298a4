import { base } from '../api.ts'
import { w } from '../language.ts'
import { PageHead } from '../parts/shell.tsx'
import { lock } from '../session.ts'

/** A sender's key registers messages: it reads nothing here. */
export function SenderOnly() {
  return (
    <>
      <PageHead title={w('senderOnlyTitle')} />
      <section class="card narrow stack">
        <p>{w('senderOnly')}</p>
        <p>
          <a href={`${base}/docs`}>{w('apiReference')}</a>
        </p>
        <button type="button" class="button" onClick={lock}>
          {w('otherKey')}
        </button>
      </section>
    </>
  )
}
