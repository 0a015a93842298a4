/** The OpenAPI document as the pages read it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
  /** False in what goes in; answers may grow. */
  readonly additionalProperties?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly description?: string
  readonly 'x-description-zh'?: string
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
  readonly example?: string | number
  readonly description: string
  readonly 'x-description-zh': string
}

export interface Content {
  readonly [media: string]: {
    readonly schema?: Schema
    readonly example?: unknown
    readonly examples?: {
      readonly [name: string]: { readonly summary: string; readonly 'x-summary-zh': string; readonly value: unknown }
    }
  }
}

export interface DescribedOperation {
  readonly tags: readonly string[]
  readonly operationId: string
  readonly summary: string
  readonly 'x-summary-zh': string
  readonly description: string
  readonly 'x-description-zh': string
  readonly 'x-roles'?: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: {
    readonly [status: string]: {
      readonly description: string
      readonly 'x-description-zh'?: string
      readonly 'x-problems'?: { readonly [slug: string]: string }
      readonly content?: Content
    }
  }
}

export interface OpenApiDocument {
  readonly info: { readonly version: string; readonly description: string; readonly 'x-description-zh': string }
  readonly tags: readonly { readonly name: string; readonly description: string; readonly 'x-description-zh': string }[]
  readonly paths: { readonly [path: string]: { readonly [method: string]: DescribedOperation } }
  readonly components: { readonly schemas: { readonly [name: string]: Schema } }
}
