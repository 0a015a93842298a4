/** A schema as a list of members, nested ones by their path. */
import type { Parameter, Schema } from './document.ts'
import { type Html, html } from './html.ts'
import type { Language } from './shell.ts'

interface Member {
  readonly path: string
  readonly required: boolean
  readonly schema: Schema
}

export function renderMembers(schema: Schema, language: Language): Html {
  const isRequest = schema.additionalProperties === false
  return list(membersOf(schema, ''), language, isRequest)
}

export function renderParameters(parameters: readonly Parameter[], language: Language): Html {
  const members = parameters.map(({ name, required, schema, description, 'x-description-zh': zh }) => ({
    path: name,
    required,
    schema: { ...schema, description, 'x-description-zh': zh },
  }))
  return list(members, language, true)
}

/** Of a request it is told what must be there, of an answer what may be missing. */
function list(members: readonly Member[], language: Language, isRequest: boolean): Html {
  const zh = language === 'zh'
  const must = html` <span class="must">${zh ? '必填' : 'required'}</span>`
  const may = html` <span class="soft">${zh ? '可能没有' : 'may be absent'}</span>`
  const mark = (required: boolean) => (isRequest ? (required ? must : null) : required ? null : may)
  const rows = members.map(
    ({ path, required, schema }) =>
      html`<div><dt><code>${path}</code>${mark(required)}<small>${typeOf(schema)}</small></dt><dd>${(zh ? schema['x-description-zh'] : schema.description) ?? ''}</dd></div>`,
  )
  return html`<dl>${rows}</dl>`
}

function membersOf(schema: Schema, prefix: string): Member[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`
    const required = schema.required?.includes(name) ?? false
    return [
      { path, required, schema: member },
      ...innerOf(member).flatMap(([inner, mark]) => membersOf(inner, `${path}${mark}.`)),
    ]
  })
}

/** Objects inside: of a list, or of a member that may be null. What is referred to stands elsewhere. */
function innerOf(schema: Schema): [Schema, mark: string][] {
  if (schema.properties !== undefined) return [[schema, '']]
  if (schema.items !== undefined) return innerOf(schema.items).map(([inner, mark]) => [inner, `[]${mark}`])
  const [only, ...more] = (schema.anyOf ?? []).filter(({ type }) => type !== 'null')
  return only === undefined || more.length > 0 ? [] : innerOf(only)
}

/** A type in few words, with its bounds: `string 1–500`. */
export function typeOf(schema: Schema): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return html`<a href="#schema-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`
  if (schema.enum !== undefined) return html`${schema.enum.join(' · ')}`
  if (schema.items !== undefined) {
    return html`[ ${typeOf(schema.items)} ]${schema.maxItems === undefined ? null : ` ≤ ${schema.maxItems}`}`
  }
  if (schema.anyOf !== undefined) {
    return html`${schema.anyOf.map((one, index) => html`${index === 0 ? null : ' | '}${typeOf(one)}`)}`
  }
  return html`${[schema.type ?? 'any']
    .flat()
    .map(name => (name === 'string' ? (schema.format ?? name) : name))
    .join(' | ')}${boundsOf(schema)}`
}

function boundsOf({ minLength = 0, maxLength, minimum, maximum }: Schema): string {
  if (maxLength !== undefined) return minLength === 0 ? ` ≤ ${maxLength}` : ` ${minLength}–${maxLength}`
  if (minimum !== undefined) return maximum === undefined ? ` ≥ ${minimum}` : ` ${minimum}–${maximum}`
  return ''
}
