import { messageQuery } from '../shared/api-schemas.ts'
import { listMessages, messagesNamed } from '../shared/ledger/messages.ts'
import { page, readPage } from '../shared/pages.ts'
import { holds } from '../shared/recall/holds.ts'
import { addTokens } from '../shared/recall/late-tokens.ts'
import { shown, visibleMessage } from '../shared/recall/message-access.ts'
import { change, register } from '../shared/recall/messages.ts'
import { messagePlan } from '../shared/recall/show-plan.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('messages', {
  'POST /v1/messages': register,
  'PATCH /v1/messages/{id}': change,
  'POST /v1/messages/{id}/tokens': addTokens,
  'GET /v1/holds': holds,
  'GET /v1/messages/{id}/plan': messagePlan,
  'GET /v1/messages/{id}': async context => {
    return json(200, await shown(context, await visibleMessage(context, context.params['id'] ?? '')))
  },
  'GET /v1/messages': async context => {
    const query = context.query(messageQuery())
    const wanted = readPage(query, context.principal, 'message')
    const named =
      wanted.q === null ? { ids: [], alone: false } : await messagesNamed(context.ledger, wanted.q, wanted.caller)
    const filter = { ...wanted, named, content: query.content ?? null, state: query.state ?? null }
    const answer = await page(
      wanted,
      part => listMessages(context.ledger, { ...filter, ...part }),
      messages => Promise.all(messages.map(message => shown(context, message))),
    )
    return json(200, answer)
  },
})
