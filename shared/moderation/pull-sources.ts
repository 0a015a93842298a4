/** Who can be asked about a job, and how. Only `sweep` asks: none of this is in the function that takes callbacks. */
import type { Send } from '../http.ts'
import { huaweiModeration } from './huawei-moderation.ts'
import type { Source, Verdict } from './source.ts'
import { tencentCi } from './tencent-ci.ts'

export interface PullCall {
  readonly send: Send
  readonly timeoutMs: number
  /** Epoch milliseconds. */
  readonly nowMs: number
}

/**
 * decided: by the source's own word · open: not yet · unknown: it never will be · unreadable: it answered, and what it says
 * cannot be made out · failed: no answer.
 */
export type Pulled =
  | { readonly kind: 'decided'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'unreadable' | 'failed'; readonly detail: string }

/** Never rejects. `job` matches the source's `jobPattern`. */
export type Pull<Credentials> = (job: string, credentials: Credentials, call: PullCall) => Promise<Pulled>

/** Their endpoints are all that `sweep` reads: the other sources are not in it. */
export const pullable: readonly Source[] = [tencentCi, huaweiModeration]

/** Each loads what its source alone needs, an XML reader for one, when it is first asked. */
// each is called with what its own source's schema has read
export const pulls: { readonly [source: string]: () => Promise<Pull<never>> } = {
  'tencent-ci': async () => (await import('./pull-tencent-ci.ts')).pullTencentCi,
  'huawei-moderation': async () => (await import('./pull-huawei.ts')).pullHuawei,
}
