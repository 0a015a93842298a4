/**
 * What every provider must do, whatever its vendor: a provider is added by describing it as a `Subject`, with fixtures of
 * all replies its vendor documents. contract.test.ts finds the subject in test/providers/<vendor>/subject.ts.
 */
import { describe } from 'vitest'
import { operations } from '../../shared/operation.ts'
import { type Credentials } from '../../shared/providers/provider.ts'
import { describeData } from './contract-data.ts'
import { describeDocuments } from './contract-documents.ts'
import { describeHostile } from './contract-hostile.ts'
import { describeReplies } from './contract-replies.ts'
import { describeWire } from './contract-wire.ts'
import { openCredentials, type Subject } from './subject.ts'

export function describeProvider<C extends Credentials>(subject: Subject<C>): void {
  const { provider, document } = subject
  const steps = ([...operations, 'status'] as const).filter(step => provider[step] !== undefined)
  const context = { subject, credentials: openCredentials(provider, document), steps }
  describe(`${provider.name} keeps the contract`, () => {
    describeData(context)
    describeDocuments(context)
    describeReplies(context)
    describeHostile(context)
    describeWire(context)
  })
}
