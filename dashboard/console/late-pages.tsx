/** Pages of late.ts, as soon as they are there. */
import { w } from './language.ts'
import { late, lateFailed, type LatePageName, loadLate } from './late-loader.ts'
import { Notice, Skeleton } from './parts/notice.tsx'

export function LatePage({
  name,
  id = null,
  dialog = null,
}: {
  readonly name: LatePageName
  readonly id?: string | null
  readonly dialog?: string | null
}) {
  if (late.value !== null) {
    const { [name]: Wanted } = late.value.pages
    return <Wanted id={id} dialog={dialog} />
  }
  if (!lateFailed.value) {
    void loadLate()
    return <Skeleton rows={6} />
  }
  return (
    <Notice
      tone="bad"
      alert
      aside={
        <button type="button" class="link" onClick={() => void loadLate()}>
          {w('tryAgain')}
        </button>
      }
    >
      {w('noAnswer')}
    </Notice>
  )
}
