/** What names a push in an answer, and how it was addressed. */
import { vendorHandles } from '../../dashboard/words/vendors/handles.ts'

interface Named {
  readonly provider?: string | null
  readonly handle?: string
}

type VendorNames = { readonly tokens: string; readonly handles: readonly { readonly member: string }[] }

/** '' where the answer names none. A service of before names it by its vendor's own member alone. */
export function handleOf(target: Named): string {
  if (target.handle !== undefined) return target.handle
  const members = Object.values<VendorNames>(vendorHandles).flatMap(({ handles }) =>
    handles.map(({ member }) => member),
  )
  const found = members.map(member => (target as { readonly [member: string]: string | number | undefined })[member])
  return String(found.find(value => value !== undefined) ?? '')
}

/** Push tokens name who is meant, at a vendor that knows no other way. */
export function isByTokens({ provider }: Named): boolean {
  const vendors: { readonly [provider: string]: VendorNames } = vendorHandles
  return vendors[provider ?? '']?.tokens === 'always'
}
