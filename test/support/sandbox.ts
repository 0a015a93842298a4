/** The sandbox as most tests use it: two vendors, without latency, with their pushes at hand. */
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts'
import { standIn as huawei } from '../../sandbox/vendors/huawei/index.ts'
import type { HarmonyPush } from '../../sandbox/vendors/huawei/api.ts'
import type { PushKitSwitches } from '../../sandbox/vendors/huawei/switches.ts'
import type { StandIn } from '../../sandbox/vendors/stand-in.ts'
import { standIn as tpns } from '../../sandbox/vendors/tpns/index.ts'
import type { TpnsSwitches } from '../../sandbox/vendors/tpns/switches.ts'
import type { TpnsPush } from '../../sandbox/vendors/tpns/tasks.ts'
import { keysOf } from './rsa-keys.ts'

/** Tests of other vendors name theirs, so that a vendor more makes no test slower and changes no count. */
export const usualStandIns: readonly StandIn[] = [tpns, huawei]

export interface TestSandbox extends Omit<Sandbox, 'switches'> {
  readonly switches: Sandbox['switches'] & { readonly tpns: TpnsSwitches; readonly pushKit: PushKitSwitches }
  pushTpns(push: TpnsPush): { pushId: string; collapseId: number }
  pushHarmony(push: HarmonyPush): void
  /** Of one group (`phone`, `watch-5.1.0`, …) or of all. */
  harmonyTokens(group?: string): string[]
  deviceCount(app: string): number
}

export function createTestSandbox({ standIns = usualStandIns, ...options }: SandboxOptions = {}): TestSandbox {
  const sandbox = createSandbox({ makeKey: keysOf('sandbox'), ...options, standIns })
  const { fleet } = sandbox
  return Object.assign(sandbox, {
    // theirs where they are there
    switches: sandbox.switches as TestSandbox['switches'],
    pushTpns: (push: TpnsPush) => {
      const { pushId, collapseId } = sandbox.running(tpns).push(push)
      sandbox.changed()
      return { pushId, collapseId }
    },
    pushHarmony: (push: HarmonyPush) => {
      sandbox.running(huawei).push(push)
      sandbox.changed()
    },
    harmonyTokens: (group = 'all') =>
      (group === 'all' ? fleet.ofApp('news-harmony') : fleet.ofGroup(group)).flatMap(({ token }) => token ?? []),
    deviceCount: (app: string) => fleet.ofApp(app).length,
  })
}

/** Vendors that answer at once. */
export function withoutLatency({ switches }: Pick<Sandbox, 'switches'>): void {
  for (const own of Object.values(switches)) own.latencyMs = 0
}
