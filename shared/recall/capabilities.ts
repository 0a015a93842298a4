/** What can be taken back, per app: the dated vendor data that the planner reads too. */
import { Problem } from '../errors.ts'
import { noticesOf } from '../notice-codes.ts'
import { operations } from '../operation.ts'
import type { Names, Provider } from '../providers/provider.ts'
import { serviceNoticesIn } from '../service-codes.ts'
import type { SignedContext } from '../serve.ts'
import { batchSizeOf, takesTokens } from './addressing.ts'
import { findReadable } from './apps.ts'

export async function listCapabilities(context: SignedContext, only: string | undefined): Promise<object[]> {
  const { apps, principal } = context
  const names = (await apps.names()).filter(
    name => principal.reaches(name, 'read') && (only === undefined || name === only),
  )
  if (only !== undefined && names.length === 0) throw new Problem('not-found', `There is no app ${only}.`)
  return Promise.all(names.map(name => capabilitiesOf(context, name)))
}

async function capabilitiesOf(context: SignedContext, name: string): Promise<object> {
  const app = await findReadable(context, name)
  if (app === null) {
    const problem = 'Its credentials cannot be read. The log says why.'
    return { app: name, provider: null, problem, notices: serviceNoticesIn(problem) }
  }
  const { provider, credentials } = app
  const { capabilities, sentences } = provider
  const audience = takesTokens(provider) ? null : 'all'
  return {
    app: name,
    provider: provider.name,
    problem: null,
    notices: [],
    addressing: takesTokens(provider) ? 'tokens' : 'task',
    batchSize: takesTokens(provider) ? batchSizeOf(provider) : 1,
    operations: operations.map(operation => {
      const table = capabilities.operations[operation]
      const assessment = provider.assess(operation, {
        credentials,
        names: sampleOf(provider),
        audience,
        record: null,
        overlay: null,
      })
      if (table === undefined || provider[operation] === undefined) {
        const none = assessment.refusal ?? `${provider.name} offers no ${operation}.`
        return {
          operation,
          supported: false,
          refusal: none,
          effects: [],
          warnings: [],
          notices: noticesOf([none], [], sentences),
          channels: [],
        }
      }
      const { refusal, effects, warnings } = assessment
      return {
        operation,
        supported: refusal === null,
        refusal,
        effects,
        warnings,
        notices: noticesOf([...(refusal === null ? [] : [refusal]), ...warnings], [], sentences),
        confirmedBy: table.confirmedBy,
        channels: table.channels.map(row => ({ ...row, notices: serviceNoticesIn(row.note, sentences) })),
      }
    }),
    limits: capabilities.limits.map(limit => ({
      ...limit,
      notices: [...serviceNoticesIn(limit.name, sentences), ...serviceNoticesIn(limit.unit, sentences)],
    })),
  }
}

/** A push that has every name. */
function sampleOf({ handles }: Provider): Names {
  return Object.fromEntries(handles.map(({ member, sample }) => [member, sample]))
}
