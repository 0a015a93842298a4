/**
 * What each member means, in English and Chinese, for requests, parameters and answers alike.
 *
 * A name has one meaning wherever it stands; where it does not, `parent.name` and then `Schema.name` come before `name`
 * (the schema of a request is its operation's id). A test fails for a member without words, and for words without a member.
 */
import { allProviders } from '../shared/providers/registry.ts'
import type { Words } from '../shared/words.ts'
import { answerWords } from './words/answers.ts'
import { handleWords, wordsBeside } from './push-names.ts'
import { deliveryWords } from './words/deliveries.ts'
import { meWords } from './words/me.ts'
import { moderationWords } from './words/moderation.ts'
import { pauseWords } from './words/pauses.ts'
import { requestWords } from './words/requests.ts'

const providers = await allProviders()

export const words: { readonly [name: string]: Words } = {
  ...handleWords(providers),
  ...wordsBeside(providers),
  ...requestWords,
  ...answerWords,
  ...moderationWords,
  ...deliveryWords,
  ...pauseWords,
  ...meWords,
}
