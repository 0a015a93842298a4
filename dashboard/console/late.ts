/** Pages that nobody needs in the first second: a file of their own, which takes what it shares from the first one. */
import { saidInChinese } from '../words/notices.ts'
import { faultInChinese, refusalInChinese } from '../words/refusals.ts'
import type { LateFile } from './late-loader.ts'
import { Approvals } from './pages/approvals.tsx'
import { Audit } from './pages/audit.tsx'
import { Capabilities } from './pages/capabilities.tsx'
import { Deliveries } from './pages/deliveries.tsx'
import { Health } from './pages/health.tsx'
import { New } from './pages/new.tsx'
import { SettingsPage } from './pages/settings.tsx'
import { Verdicts } from './pages/verdicts.tsx'

export const file: LateFile = {
  pages: { Approvals, Audit, Capabilities, Deliveries, Health, New, SettingsPage, Verdicts },
  saidInChinese,
  refusalInChinese,
  faultInChinese,
}
