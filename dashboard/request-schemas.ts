/** What requests hold, where the schemas that read them leave it to the vendor or to code. */
import { allProviders } from '../shared/providers/registry.ts'
import { isDigits } from '../shared/recall/view-handle.ts'
import { explain, inputSchema, type JsonSchema, nullable } from './json-schema.ts'

const providers = await allProviders()

/** The schema of an operation's body, with words. */
export function bodySchema(schema: Parameters<typeof inputSchema>[0], operationId: string): JsonSchema {
  return explain(withRules(withTargets(inputSchema(schema))), operationId)
}

/** One for each vendor, by component name. */
export function targetSchemas(): { readonly [name: string]: JsonSchema } {
  const schemas = providers.map(provider => {
    const { name, target, handles, members: others = {} } = provider
    const own = { ...Object.fromEntries(handles.map(({ member, words }) => [member, words])), ...others }
    const { properties = {}, required = [], ...rest } = inputSchema(target)
    // the door drops null members before the provider reads the others
    const members = Object.entries(properties).map(([member, text]) => {
      const schema = isDigits(provider, member) ? { anyOf: [text, { type: 'integer', minimum: 0 }] } : text
      return [member, required.includes(member) ? schema : nullable(schema)]
    })
    const whole = {
      ...rest,
      properties: { app: { type: 'string' }, ...Object.fromEntries(members) },
      required: ['app', ...required],
    }
    return [componentOf(name), explain(whole, componentOf(name), '', own)]
  })
  return Object.fromEntries(schemas)
}

function componentOf(provider: string): string {
  return `${provider.charAt(0).toUpperCase()}${provider.slice(1)}Target`
}

/** Which members a target has is known by its app's provider, so the schema that reads bodies cannot say. */
function withTargets({ properties = {}, ...rest }: JsonSchema): JsonSchema {
  const any = { anyOf: providers.map(({ name }) => ({ $ref: `#/components/schemas/${componentOf(name)}` })) }
  const { target, targets } = properties
  return {
    ...rest,
    properties: {
      ...properties,
      ...(target === undefined ? {} : { target: { anyOf: [...any.anyOf, { type: 'null' }] } }),
      ...(targets === undefined ? {} : { targets: { ...targets, items: any } }),
    },
  }
}

/** Of a recall: exactly one subject, and a reason unless it is a dry run. Checked in code, for better messages. */
function withRules(schema: JsonSchema): JsonSchema {
  if (schema.properties?.['dryRun'] === undefined) return schema
  return {
    ...schema,
    oneOf: ['message', 'messages', 'content', 'target'].map(given),
    anyOf: [given('reason'), { required: ['dryRun'], properties: { dryRun: { const: true } } }],
  }
}

/** There, and not null, which is as good as not there. */
function given(name: string): JsonSchema {
  return { required: [name], properties: { [name]: { not: { type: 'null' } } } }
}
