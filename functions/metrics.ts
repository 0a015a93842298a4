import { checkHealth, readHealth } from '../shared/app-health/health.ts'
import { me } from '../shared/me.ts'
import { metrics } from '../shared/metrics.ts'
import { serve } from '../shared/serve.ts'
import { summary } from '../shared/summary.ts'

export const main_handler = serve('metrics', {
  'GET /v1/me': me,
  'GET /v1/summary': summary,
  'GET /v1/metrics': metrics,
  'GET /v1/health': readHealth,
  'POST /v1/health/check': checkHealth,
})
