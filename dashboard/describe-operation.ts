import type { ZodMiniType } from 'zod/mini'
import { Problem } from '../shared/errors.ts'
import { type Right, rightsOf, type Role, type Route } from '../shared/functions.ts'
import { type DocumentedVendor, statusVendor, tokenVendor } from './documented-vendors.ts'
import { messageExample, recallExample } from './examples.ts'
import { explain, inputSchema } from './json-schema.ts'
import type { Answer, Operation } from './operation.ts'
import { type DescribedProblem, signedProblems } from './problems.ts'
import { bodySchema } from './request-schemas.ts'
import type { Words } from '../shared/words.ts'

/** One operation object of the document. */
export function describeOperation(tag: string, route: Route, operation: Operation): object {
  const [summary, summaryZh] = operation.summary
  const [description, descriptionZh] = operation.description
  const problems = route.right === null ? operation.problems : { ...signedProblems, ...operation.problems }
  return {
    tags: [tag],
    operationId: operation.id,
    summary,
    'x-summary-zh': summaryZh,
    description,
    'x-description-zh': descriptionZh,
    security: route.right === null ? [] : [{ key: [] }, { token: [] }],
    ...(route.right === null ? {} : { 'x-roles': rolesWith(route.right) }),
    parameters: [
      ...pathParameters(route.path),
      ...queryParameters(operation.id, operation.query ?? operation.lines),
      ...('Idempotent-Replayed' in headersOf(operation) ? recallHeaders : []),
      ...(isTagged(route) ? [ifNoneMatch] : []),
    ],
    ...requestBody(operation),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [
          status,
          describe(isTagged(route) ? { ...answer, headers: [...(answer.headers ?? []), 'ETag'] } : answer),
        ]),
      ),
      ...(isTagged(route) ? notModified : {}),
      ...describeProblems(problems),
    },
  }
}

const header = (name: string) => ({ [name]: { $ref: `#/components/headers/${name}` } })

const recallHeaders = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    // bare or quoted
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,257}$' },
    example: 'INC-7-revoke-1',
    description:
      'The same key, caller, path and body get the same status and bytes again for 72 h, with Idempotent-Replayed: true. What is refused does not use the key up.',
    'x-description-zh':
      '72 小时内，同一键、同一调用方、同一路径与请求体得到相同的状态码与内容，并带 Idempotent-Replayed: true。被拒绝的请求不占用该键。',
  },
  {
    name: 'Prefer',
    in: 'header',
    required: false,
    schema: { type: 'string' },
    example: 'wait=5',
    description: 'wait=N: answer when the recall is settled, or after N seconds (at most 20). Default 2.',
    'x-description-zh': 'wait=N：回撤有结果即返回，否则 N 秒后返回（最多 20）。默认 2。',
  },
]

const ifNoneMatch = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  example: 'W/"3q2-7wdC1r0mVb5yKxGz8A"',
  description: 'The ETag of an earlier answer: where it would be the same again, 304 comes without a body.',
  'x-description-zh': '此前返回的 ETag：若内容未变，返回 304，不带内容。',
}

const notModified = {
  304: {
    description: 'It is what the caller has.',
    'x-description-zh': '内容未变。',
    headers: Object.assign({}, header('X-Request-Id'), header('ETag')),
  },
}

/** What is read with a right may be asked for again and again. */
function isTagged({ method, right }: Route): boolean {
  return method === 'GET' && right !== null
}

function headersOf(operation: Operation): object {
  const names = Object.values(operation.answers).flatMap(({ headers = [] }) => headers)
  return Object.fromEntries(names.map(name => [name, true]))
}

function rolesWith(right: Right): Role[] {
  return (Object.keys(rightsOf) as Role[]).filter(role => rightsOf[role].includes(right))
}

/** What the segment in braces is, by the first one of the path. */
const pathWords: { readonly [prefix: string]: { readonly example: string; readonly words: Words } } = {
  messages: { example: messageExample.id, words: ['The id of the message.', '消息的 ID。'] },
  recalls: { example: recallExample.id, words: ['The id of the recall.', '回撤的 ID。'] },
  deliveries: {
    example: 'dlv_6d1f0c5be9a64f0c8c1c0b7d2a3e4f51',
    words: ['The id of the delivery.', '投递的 ID。'],
  },
  verdicts: {
    example: 'vrd_01m8j4ybjajzpnh96dsesm3pc8',
    words: ['The id of the verdict.', '审核结论的 ID。'],
  },
  pauses: {
    example: 'pse_01m8j4ybjajzpnh96dsesm3pc8',
    words: ['The id of the pause.', '暂停的 ID。'],
  },
  assets: {
    example: 'console-K3V9Q2M7.js',
    words: ['The name of the file, as the console’s document has it.', '文件名，见控制台文档。'],
  },
  webhooks: {
    example: 'e_7f3a9c',
    words: ['The endpoint, as in unpush/webhooks/<endpoint>.', '端点，即密钥 unpush/webhooks/<endpoint> 中的名字。'],
  },
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/^(?:\/v1)?\/(\w+)\/.*?\{(\w+)\}/g)].map(([, prefix = '', name]) => {
    const known = pathWords[prefix]
    if (known === undefined) throw new Error(`${path}: {${name}} has no words`)
    const { example, words } = known
    return {
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
      example,
      description: words[0],
      'x-description-zh': words[1],
    }
  })
}

/** Where a request is not whole without them. */
const queryExamples: { readonly [place: string]: string | number } = {
  ...asQuery('getStatus', statusVendor),
  ...asQuery('addTokens', tokenVendor),
}

function asQuery(operationId: string, { app, name }: DocumentedVendor): { readonly [place: string]: string | number } {
  const members = Object.entries({ app, ...name })
  return Object.fromEntries(members.map(([member, value]) => [`${operationId}.${member}`, value]))
}

function exampleOf(place: string): object {
  const example = queryExamples[place]
  return example === undefined ? {} : { example }
}

function queryParameters(operationId: string, query: ZodMiniType | undefined): object[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = explain(inputSchema(query), operationId)
  return Object.entries(properties).map(([name, { description, 'x-description-zh': zh, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
    // several in one value, with commas between
    ...(schema['type'] === 'array' ? { style: 'form', explode: false } : {}),
    ...exampleOf(`${operationId}.${name}`),
    description,
    'x-description-zh': zh,
  }))
}

function requestBody({ id, body, lines }: Operation): object {
  if (body === undefined) return {}
  const examples = Object.entries(body.examples).map(([name, { summary, value }]) => [
    name,
    { summary: summary[0], 'x-summary-zh': summary[1], value },
  ])
  return {
    requestBody: {
      required: body.required ?? true,
      content: {
        'application/json': {
          schema: bodySchema(body.schema, id),
          ...(examples.length > 0 ? { examples: Object.fromEntries(examples) } : {}),
        },
        ...(lines === undefined
          ? {}
          : { 'application/x-ndjson': { schema: { type: 'string' }, example: '"pushToken4"\n"pushToken5"\n' } }),
      },
    },
  }
}

function describe({ means, holds, text, headers = [], example }: Answer): object {
  const names = typeof holds === 'string' ? [holds] : (holds ?? [])
  const refs = names.map(name => ({ $ref: `#/components/schemas/${name}` }))
  const isMedia = typeof holds === 'string' && holds.includes('/')
  return {
    description: means[0],
    'x-description-zh': means[1],
    headers: Object.assign(header('X-Request-Id'), ...headers.map(header)),
    ...(holds !== null && {
      content: isMedia
        ? { [holds]: {} }
        : {
            'application/json': {
              schema: refs.length === 1 ? refs[0] : { anyOf: refs },
              ...(example === undefined ? {} : { example }),
            },
            ...(text === undefined ? {} : { [text]: {} }),
          },
    }),
  }
}

const problemHeaders: { readonly [P in DescribedProblem]?: string } = {
  unauthorized: 'WWW-Authenticate',
  'request-in-progress': 'Retry-After',
  'too-many-requests': 'Retry-After',
  unavailable: 'Retry-After',
}

/** One response a status; `x-problems` tells the slugs apart where several share it. */
function describeProblems(problems: { readonly [P in DescribedProblem]?: string }): object {
  const byStatus = new Map<number, [DescribedProblem, string][]>()
  for (const [slug, when] of Object.entries(problems) as [DescribedProblem, string][]) {
    const { status } = new Problem(slug, '')
    byStatus.set(status, [...(byStatus.get(status) ?? []), [slug, when]])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, entries]) => {
      const headers = entries.flatMap(([slug]) => problemHeaders[slug] ?? [])
      return [
        status,
        {
          description: entries.map(([slug, when]) => `${slug}: ${when}`).join(' '),
          'x-problems': Object.fromEntries(entries),
          ...(headers.length === 0 ? {} : { headers: Object.assign({}, ...headers.map(header)) }),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]
    }),
  )
}
