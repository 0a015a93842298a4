/** Server-sent events: the whole state once, then what has changed, never more often than the eye needs it. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface EventParts {
  readonly [name: string]: unknown
}

export interface Events {
  /** Answers with a stream that begins with the whole state. */
  open(request: IncomingMessage, response: ServerResponse): void
  changed(): void
  close(): void
}

const throttleMs = 100
/** A reader that takes nothing off is let go; the browser connects again and gets the whole state. */
const unreadAtMostBytes = 2 * 1024 * 1024

/** `partsOf` names everything that can change by itself; a part goes out when its JSON differs. */
export function createEvents(partsOf: () => EventParts): Events {
  const streams = new Set<ServerResponse>()
  let sent = new Map<string, string>()
  let scheduled: NodeJS.Timeout | null = null

  const texts = (): Map<string, string> =>
    new Map(Object.entries(partsOf()).map(([name, part]) => [name, JSON.stringify(part)]))

  const flush = (): void => {
    scheduled = null
    const now = texts()
    const changes = [...now].filter(([name, text]) => sent.get(name) !== text)
    sent = now
    if (changes.length === 0) return
    for (const stream of streams) {
      if (stream.writableLength > unreadAtMostBytes) stream.destroy()
      else stream.write(eventOf(changes))
    }
  }

  return {
    open: (request, response) => {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      if (scheduled !== null) {
        clearTimeout(scheduled)
        flush()
      }
      if (streams.size === 0) sent = texts()
      response.write(`retry: 1000\n${eventOf([...sent])}`)
      streams.add(response)
      request.once('close', () => streams.delete(response))
    },
    changed: () => {
      if (streams.size > 0) scheduled ??= setTimeout(flush, throttleMs)
    },
    close: () => {
      if (scheduled !== null) clearTimeout(scheduled)
      for (const stream of streams) stream.end()
      streams.clear()
    },
  }
}

function eventOf(parts: readonly (readonly [name: string, text: string])[]): string {
  return `data: {${parts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}\n\n`
}
