import { renderDocs } from '../dashboard/page/docs.ts'
import type { OpenApiDocument } from '../dashboard/page/document.ts'
import { languageOf, type PageOptions } from '../dashboard/page/shell.ts'
import { renderStart } from '../dashboard/page/start.ts'
import { readConfig } from '../shared/config.ts'
import { readHealth } from '../shared/health.ts'
import { createLog } from '../shared/log.ts'
import type { ApiRequest } from '../shared/platform/envelope.ts'
import { json, servePublic } from '../shared/serve.ts'

const log = createLog()
/** Most instances serve `/livez` and nothing else: 300 KB of description are read when somebody wants them. */
const openapi = () => import('../dashboard/openapi.json', { with: { type: 'json' } }).then(module => module.default)

export const main_handler = servePublic('dashboard', {
  'GET /': async ({ request }) => renderStart(pageOptions(request)),
  // as JSON its examples differ from route to route, and TypeScript would make a type of each
  'GET /docs': async ({ request }) => renderDocs((await openapi()) as unknown as OpenApiDocument, pageOptions(request)),
  'GET /openapi.json': async () => json(200, await openapi()),
  'GET /livez': async () => json(200, { status: 'ok' }),
  'GET /readyz': async ({ runtime }) => {
    const health = await readHealth(runtime, log)
    return json(health.status === 'ready' ? 200 : 503, health)
  },
})

function pageOptions(request: ApiRequest): PageOptions {
  return { language: languageOf(request), local: isLocal() }
}

/** A variable that is not valid stops what needs it, and not a page. */
function isLocal(): boolean {
  try {
    return readConfig().platform === 'local'
  } catch {
    return false
  }
}
