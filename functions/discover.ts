import { discover } from '../shared/recall/discover.ts'
import { serveTimer } from '../shared/serve.ts'

export const main_handler = serveTimer('discover', discover)
