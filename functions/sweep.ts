import { keepTrail } from '../shared/audit/keep-trail.ts'
import { sweepVerdicts } from '../shared/moderation/act.ts'
import { pullVerdicts } from '../shared/moderation/pull-verdicts.ts'
import { sweep } from '../shared/recall/sweep.ts'
import { serveTimer } from '../shared/serve.ts'
import { startDeliveries } from '../shared/webhooks/deliver.ts'

export const main_handler = serveTimer('sweep', async context => {
  // beside the rest, so that none waits for another: receivers and moderation systems are slow, and recalls are urgent
  const deliveries = startDeliveries(context)
  const pulls = pullVerdicts(context)
  try {
    await keepTrail(context)
    // before the drain, which then has what verdicts asked for
    await sweepVerdicts(context)
    await sweep(context)
  } finally {
    // what they recall is to be told of, too
    await pulls
    await deliveries.finish()
  }
})
