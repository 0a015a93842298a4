/** The vendors Unpush knows. */
import { huawei } from './huawei.ts'
import type { Provider } from './provider.ts'
import { tpns } from './tpns.ts'

export const providers: readonly Provider[] = [tpns, huawei]
