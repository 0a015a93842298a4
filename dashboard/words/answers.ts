/** What each member of an answer means. */
import type { WordTable } from '../../shared/words.ts'
import { appHealthWords } from './answers/app-health.ts'
import { approvalWords } from './answers/approvals.ts'
import { auditWords } from './answers/audit.ts'
import { healthWords } from './answers/health.ts'
import { metricWords } from './answers/metrics.ts'
import { planWords } from './answers/plans.ts'
import { problemWords } from './answers/problems.ts'
import { publicConfigWords } from './answers/public-config.ts'
import { recallEventWords } from './answers/recall-events.ts'
import { recallAnswerWords } from './answers/recalls.ts'
import { vendorAnswerWords } from './answers/vendors.ts'

export const answerWords: WordTable = {
  ...recallAnswerWords,
  ...planWords,
  ...approvalWords,
  ...vendorAnswerWords,
  ...problemWords,
  ...auditWords,
  ...publicConfigWords,
  ...recallEventWords,
  ...metricWords,
  ...appHealthWords,
  ...healthWords,
}
