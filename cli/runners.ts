/** What runs for each command of the table. */
import type { AnyCommand } from './commands.ts'
import { auditTrail } from './commands/audit.ts'
import { completeIds, completion } from './commands/completion.ts'
import { approve, decline, review } from './commands/decide.ts'
import { doctor } from './commands/doctor.ts'
import { messages, recalls } from './commands/lists.ts'
import { login, logout, openRecall, profiles, whoami } from './commands/session.ts'
import { correct, overlay, revoke, stop } from './commands/start.ts'
import { cancel, retry } from './commands/steer.ts'
import { capabilities, vendorStatus } from './commands/vendor.ts'
import { watch } from './commands/watch.ts'
import type { Context } from './context.ts'
import type { Exit } from './exit-codes.ts'

export const runners: { readonly [C in AnyCommand]: (context: Context) => Promise<Exit> } = {
  revoke,
  stop,
  overlay,
  correct,
  watch,
  messages,
  recalls,
  approve,
  decline,
  review,
  cancel,
  retry,
  status: vendorStatus,
  capabilities,
  doctor,
  audit: auditTrail,
  login,
  logout,
  profiles,
  whoami,
  open: openRecall,
  completion,
  __complete: completeIds,
}
