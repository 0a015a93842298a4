/** Pages and documents that are the same for everybody: made once, and not sent again to whoever has them. */
import { createHash } from 'node:crypto'
import { unlessKnown } from '../../shared/etag.ts'
import type { ApiRequest, ApiResponse } from '../../shared/platform/request.ts'

export interface Shelf {
  /** What `make` made the first time under this name; 304 where the caller has it. */
  take(request: Pick<ApiRequest, 'headers'>, name: string, make: () => Promise<ApiResponse>): Promise<ApiResponse>
}

/** Under few names: whoever calls must not be able to choose them. */
export function createShelf(): Shelf {
  const made = new Map<string, ApiResponse>()
  const making = new Map<string, Promise<ApiResponse>>()
  const makeOnce = (name: string, make: () => Promise<ApiResponse>): Promise<ApiResponse> => {
    const running = making.get(name)
    if (running !== undefined) return running
    const started = make()
      .then(page => {
        const whole = labelled(page)
        made.set(name, whole)
        return whole
      })
      .finally(() => making.delete(name))
    making.set(name, started)
    return started
  }
  return {
    async take({ headers }, name, make) {
      const page = made.get(name) ?? (await makeOnce(name, make))
      return unlessKnown({ headers }, page)
    },
  }
}

function labelled(page: ApiResponse): ApiResponse {
  const tag = createHash('sha256').update(page.body).digest('base64url').slice(0, 22)
  // kept by the browser, and asked for each time whether it is still the same
  return { ...page, headers: { ...page.headers, etag: `"${tag}"`, 'cache-control': 'no-cache' } }
}
