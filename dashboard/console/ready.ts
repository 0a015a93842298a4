/** What the service finds of itself: `GET /readyz`. The header and the page of health read the same. */
import { useResource } from './resource.ts'

interface Check {
  readonly ok: boolean
  readonly detail: string | null
  readonly notices?: unknown
}

export interface Ready {
  readonly checks: { readonly [name: string]: Check }
}

export function useReady(): Ready | null {
  return useResource<Ready>('/readyz', () => ({ pace: 'slow' }))?.data.value ?? null
}

/** Something of it fails: recalls may not begin, or not end. */
export function fails(ready: Ready | null): boolean {
  return Object.values(ready?.checks ?? {}).some(({ ok }) => !ok)
}
