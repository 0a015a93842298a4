/** Who can be asked about a job, and how. Only `sweep` asks: none of this is in the function that takes callbacks. */
import type { Send } from '../http.ts'
import { pullHuawei } from './pull-huawei.ts'
import { pullTencentCi } from './pull-tencent-ci.ts'
import type { Verdict } from './source.ts'

export interface PullCall {
  readonly send: Send
  readonly timeoutMs: number
  /** Epoch milliseconds. */
  readonly nowMs: number
}

/** decided: by the source's own word · open: not yet · unknown: it never will be · failed: no usable answer. */
export type Pulled =
  | { readonly kind: 'decided'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }

/** Never rejects. `job` matches the source's `jobPattern`. */
export type Pull<Credentials> = (job: string, credentials: Credentials, call: PullCall) => Promise<Pulled>

// each is called with what its own source's schema has read
export const pulls: { readonly [source: string]: Pull<never> } = {
  'tencent-ci': pullTencentCi,
  'huawei-moderation': pullHuawei,
}
