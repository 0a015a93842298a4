import { beat } from '../shared/ledger/pulse.ts'
import { expire } from '../shared/recall/expire.ts'
import { serveTimer } from '../shared/serve.ts'

export const main_handler = serveTimer('expire', async context => {
  await expire(context)
  await beat(context.ledger, 'expire')
})
