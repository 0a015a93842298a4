/** Loads the pages of late.ts when the first of them is opened. */
import { signal } from '@preact/signals'
import { w } from './language.ts'
import type * as Late from './late.ts'
import { Notice, Skeleton } from './parts/notice.tsx'

type Pages = typeof Late

const pages = signal<Pages | null>(null)
const failed = signal(false)
let loading = false

async function load(): Promise<void> {
  if (loading) return
  loading = true
  failed.value = false
  try {
    const address = document.documentElement.dataset['late'] ?? ''
    pages.value = (await import(/* @vite-ignore */ address)) as Pages
  } catch {
    failed.value = true
  }
  loading = false
}

export function LatePage({ name, dialog }: { readonly name: keyof Pages; readonly dialog: string | null }) {
  if (pages.value !== null) {
    const { [name]: Wanted } = pages.value
    return <Wanted dialog={dialog} />
  }
  if (!failed.value) {
    void load()
    return <Skeleton rows={6} />
  }
  return (
    <Notice
      tone="bad"
      alert
      aside={
        <button type="button" class="link" onClick={() => void load()}>
          {w('tryAgain')}
        </button>
      }
    >
      {w('noAnswer')}
    </Notice>
  )
}
