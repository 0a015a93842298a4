import { renderDocs } from '../dashboard/page/docs.ts'
import type { OpenApiDocument } from '../dashboard/page/document.ts'
import { createShelf } from '../dashboard/page/shelf.ts'
import { languageOf, type PageOptions } from '../dashboard/page/shell.ts'
import { renderStart } from '../dashboard/page/start.ts'
import { linkTo } from '../shared/base-path.ts'
import { readConfig } from '../shared/config.ts'
import { readPublicConfig } from '../shared/public-config.ts'
import { createHealth } from '../shared/health.ts'
import { once } from '../shared/once.ts'
import type { ApiRequest } from '../shared/platform/envelope.ts'
import { processLog, runtime } from '../shared/runtime.ts'
import { json, servePublic } from '../shared/serve.ts'

const health = createHealth(() => runtime('public'), processLog)
const pages = createShelf()
/** Most instances serve `/livez` and nothing else: 300 KB of description are read when somebody wants them. */
const openapi = () => import('../dashboard/openapi.json', { with: { type: 'json' } }).then(module => module.default)

export const main_handler = servePublic('dashboard', {
  'GET /': async ({ request }) => {
    const options = pageOptions(request)
    return pages.take(request, `/ ${options.language} ${options.local}`, async () => renderStart(options))
  },
  'GET /docs': async ({ request }) => {
    const options = pageOptions(request)
    return pages.take(request, `/docs ${options.language} ${options.local}`, async () =>
      // as JSON its examples differ from route to route, and TypeScript would make a type of each
      renderDocs((await openapi()) as unknown as OpenApiDocument, options),
    )
  },
  'GET /config.json': async ({ runtime: open }) => json(200, await readPublicConfig(await open())),
  'GET /openapi.json': async ({ request }) =>
    pages.take(request, '/openapi.json', async () =>
      json(200, { ...(await openapi()), servers: [{ url: linkTo('') || '/' }] }),
    ),
  'GET /livez': async () => alive(),
  'GET /readyz': async () => {
    const found = await health()
    return json(found.status === 'ready' ? 200 : 503, found)
  },
})

const alive = once(() => json(200, { status: 'ok' }))

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
