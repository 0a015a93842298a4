/** A transport without a network: it gives one reply and keeps what was asked of it. */
import type { NotReceived, Received, Send, Sending } from '../../shared/http.ts'

export interface FakeSend {
  readonly send: Send
  readonly sent: Sending[]
}

export function fakeSend(reply: Received | NotReceived | ((sending: Sending) => Received | NotReceived)): FakeSend {
  const sent: Sending[] = []
  return {
    sent,
    send: async sending => {
      sent.push(sending)
      return typeof reply === 'function' ? reply(sending) : reply
    },
  }
}

export function received(text: string, status = 200, headers: Received['headers'] = {}): Received {
  return { status, headers, text }
}
