import { keepTrail } from '../shared/audit/keep-trail.ts'
import { sweepVerdicts } from '../shared/moderation/act.ts'
import { sweep } from '../shared/recall/sweep.ts'
import { serveTimer } from '../shared/serve.ts'
import { startDeliveries } from '../shared/webhooks/deliver.ts'

export const main_handler = serveTimer('sweep', async context => {
  // beside the rest, so that neither waits for the other: receivers are slow, and recalls are urgent
  const deliveries = startDeliveries(context)
  try {
    await keepTrail(context)
    // before the drain, which then has what verdicts asked for
    await sweepVerdicts(context)
    await sweep(context)
  } finally {
    await deliveries.finish()
  }
})
