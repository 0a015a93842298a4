/** The vendors Unpush knows. */
import { huawei } from './huawei.ts'
import type { Provider } from './provider.ts'
import { tpns } from './tpns.ts'

export const providers: readonly Provider[] = [tpns, huawei]

/** By the name that secrets, answers and the dashboard use. Undefined: no such vendor. */
export function providerNamed(name: string): Provider | undefined {
  return providers.find(provider => provider.name === name)
}
