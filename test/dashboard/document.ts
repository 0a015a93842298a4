/** The OpenAPI document, and whether values are as it says. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { buildOpenApi } from '../../dashboard/openapi.ts'
import type { DescribedOperation, OpenApiDocument, Schema } from '../../dashboard/page/document.ts'

export const document = buildOpenApi() as OpenApiDocument
export const operations = Object.values(document.paths).flatMap(methods => Object.values(methods))

/** Every schema inside, itself included; `parent` is the member that it belongs to. */
export function* within(schema: Schema, parent = ''): Generator<{ schema: Schema; parent: string }> {
  yield { schema, parent }
  for (const [name, member] of Object.entries(schema.properties ?? {})) yield* within(member, name)
  for (const inner of [...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])]) {
    yield* within(inner, parent)
  }
}

/** Answers exactly as described: a member that the document does not know is a fault here, though not to a client. */
const closed = structuredClone(document.components)
for (const root of Object.values(closed.schemas)) {
  for (const { schema } of within(root)) {
    if (schema.properties !== undefined) Object.assign(schema, { additionalProperties: false })
  }
}
export const ajv = new Ajv2020({ strict: false, formats: { 'date-time': isTime, date: /^\d{4}-\d\d-\d\d$/ } })
ajv.addSchema({ $id: 'unpush', components: closed })
/** Compiling one takes longer than all that it is asked. */
const compiled = new WeakMap<object, ValidateFunction>()

/** The faults of a value; none where it is as the schema says. */
export function conforms(schema: object, value: unknown): unknown[] {
  const validate = compiled.get(schema) ?? compile(schema)
  return validate(value) ? [] : (validate.errors ?? [])
}

function compile(schema: object): ValidateFunction {
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'unpush#/components')))
  compiled.set(schema, validate)
  return validate
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
}

export const bodyOf = ({ requestBody }: DescribedOperation) => requestBody?.content['application/json']
export const examplesOf = (operation: DescribedOperation) =>
  Object.values(bodyOf(operation)?.examples ?? {}).map(({ value }) => value)
