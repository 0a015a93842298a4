/** The second file, fetched when something of it is first needed. */
import { signal } from '@preact/signals'
import type * as Late from './late.ts'

export type LateFile = typeof Late

export const late = signal<LateFile | null>(null)
export const lateFailed = signal(false)
let loading = false

export async function loadLate(): Promise<void> {
  if (loading || late.peek() !== null) return
  loading = true
  lateFailed.value = false
  try {
    const address = document.documentElement.dataset['late'] ?? ''
    late.value = (await import(/* @vite-ignore */ address)) as LateFile
  } catch {
    lateFailed.value = true
  }
  loading = false
}
