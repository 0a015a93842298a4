/** Pages that nobody needs in the first second: a file of their own, which takes what it shares from the first one. */
export { Audit } from './pages/audit.tsx'
export { Capabilities } from './pages/capabilities.tsx'
export { Deliveries } from './pages/deliveries.tsx'
export { Health } from './pages/health.tsx'
export { New } from './pages/new.tsx'
export { SettingsPage } from './pages/settings.tsx'
export { Verdicts } from './pages/verdicts.tsx'
export { noticeText } from '../words/notices.ts'
