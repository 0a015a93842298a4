/** How APNs treats a session: one stream until a provider token was taken, then as many as it says, until it says goodbye. */
import type { ServerHttp2Session } from 'node:http2'
import type { ApnsSwitches } from './switches.ts'

export interface Sessions {
  begin(session: ServerHttp2Session): void
  /** What became of a push. */
  noted(httpStatus: number): void
}

export function createSessions(switches: ApnsSwitches): Sessions {
  const limits = new Map<ServerHttp2Session, number>()
  const allow = (streams: number) => {
    for (const [session, limit] of limits) {
      if (limit === streams || session.destroyed || session.closed) continue
      limits.set(session, streams)
      session.settings({ maxConcurrentStreams: streams })
    }
  }
  return {
    begin: session => {
      session.settings({ maxConcurrentStreams: 1 })
      limits.set(session, 1)
      let requests = 0
      session.on('stream', () => {
        requests += 1
        // streams that it has read by then are answered
        if (switches.goawayAfter !== null && requests >= switches.goawayAfter) session.close()
      })
      session.once('close', () => limits.delete(session))
    },
    noted: httpStatus => {
      if (httpStatus === 200) allow(switches.streams)
      else if (switches.oneStreamAfterRefusal && httpStatus < 500) allow(1)
    },
  }
}
