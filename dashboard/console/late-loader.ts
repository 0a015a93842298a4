/** The second file, fetched when something of it is first needed. */
import { signal } from '@preact/signals'
import type { FunctionComponent } from 'preact'

export type LatePageName =
  | 'Approvals'
  | 'Audit'
  | 'Capabilities'
  | 'Deliveries'
  | 'Health'
  | 'New'
  | 'SettingsPage'
  | 'Verdicts'

/** What late.ts holds. Said here, and not there: what it holds needs this module. */
export interface LateFile {
  readonly pages: {
    readonly [P in LatePageName]: FunctionComponent<{ readonly id: string | null; readonly dialog: string | null }>
  }
  saidInChinese(said: readonly string[], notices: unknown): readonly string[]
  refusalInChinese(refusal: {
    readonly detail: string
    readonly errors: readonly { readonly path: string; readonly message: string }[]
  }): string | null
  faultInChinese(message: string): string
}

export const late = signal<LateFile | null>(null)
export const lateFailed = signal(false)
let loading = false

export async function loadLate(): Promise<void> {
  if (loading || late.peek() !== null) return
  loading = true
  lateFailed.value = false
  try {
    const address = document.documentElement.dataset['late'] ?? ''
    const { file } = (await import(/* @vite-ignore */ address)) as { readonly file: LateFile }
    late.value = file
  } catch {
    lateFailed.value = true
  }
  loading = false
}
