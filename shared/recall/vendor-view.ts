/** A vendor as decisions on a unit of work see it. */
import type { ClaimedWork } from '../ledger/claim-work.ts'
import { addressingOf, isWhole } from './addressing.ts'
import type { App } from './apps.ts'
import { readAudience } from './audience.ts'
import { textGone, type VendorView } from './decision.ts'
import { overlayFor } from './plan.ts'
import { namesOf, tellsStatus } from './view-handle.ts'

/** `app`: an error where its credentials cannot be had, null where it is gone; then nothing is known, and nothing ruled out. */
export function viewOf(app: App | Error | null, work: ClaimedWork): VendorView {
  if (app === null || app instanceof Error) {
    return {
      capability: () => undefined,
      canReadStatus: false,
      isWhole: () => false,
      assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
    }
  }
  const { provider, credentials } = app
  return {
    capability: operation => provider.capabilities.operations[operation],
    canReadStatus: tellsStatus(provider, namesOf(provider, work.handle, work.names)),
    isWhole: operation => {
      const way = addressingOf(provider, operation, { audience: readAudience(work.audience) })
      return way !== null && isWhole(way)
    },
    assess: (operation, record, acted = false) => {
      const assessment = provider.assess(operation, {
        credentials,
        names: namesOf(provider, work.handle, work.names),
        audience: readAudience(work.audience),
        record,
        acted,
        overlay: overlayFor(provider.name, work.overlay),
      })
      if (operation !== 'overlay' || work.overlay !== null) return assessment
      return {
        ...assessment,
        refusal: assessment.refusal ?? textGone,
      }
    },
  }
}
