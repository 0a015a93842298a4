import { expire } from '../shared/recall/expire.ts'
import { serveTimer } from '../shared/serve.ts'

export const main_handler = serveTimer('expire', expire)
