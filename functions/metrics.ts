import { checkHealth, readHealth } from '../shared/app-health/health.ts'
import { metrics } from '../shared/metrics.ts'
import { serve } from '../shared/serve.ts'

export const main_handler = serve('metrics', {
  'GET /v1/metrics': metrics,
  'GET /v1/health': readHealth,
  'POST /v1/health/check': checkHealth,
})
