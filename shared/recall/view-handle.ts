import type { Provider } from '../providers/provider.ts'

/** As the vendor's own member; under `handle` where there is no such vendor here. */
export function viewHandle(provider: Provider | null, handle: string): object {
  const member = provider?.handleMember ?? 'handle'
  // TPNS ids exceed 2^53 and stay strings; a notify id is a number on its wire and in ours
  return { [member]: member === 'notifyId' ? Number(handle) : handle }
}
