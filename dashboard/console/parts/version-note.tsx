/** Where the service is of another version than this page: after a deploy while the page was open, or in the middle of one. */
import { signal } from '@preact/signals'
import type { Summary } from '../answers.ts'
import { config } from '../api.ts'
import { w } from '../language.ts'
import { isNewer } from '../versions.ts'
import { Notice } from './notice.tsx'

const closed = signal<string | null>(null)

export function VersionNote({ counts }: { readonly counts: Summary | null }) {
  const own = config.value?.version ?? null
  if (counts === null || own === null) return null
  const theirs = counts.version ?? null
  if (theirs === own || closed.value === (theirs ?? '')) return null
  return (
    <div class="version-note" role="status">
      <Notice
        aside={
          <>
            <button type="button" class="link" onClick={() => location.reload()}>
              {w('reload')}
            </button>{' '}
            <button type="button" class="link" onClick={() => (closed.value = theirs ?? '')}>
              {w('close')}
            </button>
          </>
        }
      >
        {theirs === null
          ? w('serviceOlder', { own })
          : w(isNewer(theirs, own) ? 'serviceNewer' : 'serviceOlderThan', { own, theirs })}
      </Notice>
    </div>
  )
}
