/** `npm run openapi`: the OpenAPI document from the function table and the schemas that read requests. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import {
  capabilitiesQuery,
  changeBody,
  messageQuery,
  recallBodies,
  recallQuery,
  registerBody,
  statusQuery,
  tokensBody,
} from '../shared/api-schemas.ts'
import { functions, type Right, rightsOf, type Role, type Route } from '../shared/functions.ts'
import { providers } from '../shared/providers/index.ts'
import { answerSchemas } from './answers.ts'

interface Operation {
  readonly summary: string
  readonly zh: string
  readonly body?: z.ZodMiniType
  readonly query?: z.ZodMiniType
  /** Status → schema name, or a media type for what is not JSON. */
  readonly answers: { readonly [status: string]: string }
  readonly problems: readonly number[]
  readonly example?: object
}

const recallProblems = [400, 401, 403, 404, 409, 413, 415, 422, 503]
const links = { message: 'promo-2026-11-23', reason: 'wrong link', ticket: 'INC-7', fallback: true }

const operations: { readonly [route: string]: Operation } = {
  'POST /v1/messages': {
    summary: 'Register what was sent, so that it can be taken back by one name.',
    zh: '登记已发送的消息，之后可按一个名字整体回撤。',
    body: registerBody,
    answers: { 200: 'Message', 201: 'Message' },
    problems: [400, 401, 403, 409, 413, 415, 503],
    example: {
      id: 'promo-2026-11-23',
      contents: ['article:42'],
      title: '限时优惠',
      targets: [
        { app: 'news-android', pushId: '43214535', audience: 'all', audienceSize: 1_200_000 },
        { app: 'news-harmony', notifyId: 1_234_567, tokens: ['pushToken1', 'pushToken2', 'pushToken3'] },
      ],
    },
  },
  'GET /v1/messages': {
    summary: 'Messages, newest first.',
    zh: '消息列表，最新在前。',
    query: messageQuery,
    answers: { 200: 'MessageList' },
    problems: [400, 401, 403, 503],
  },
  'GET /v1/messages/{id}': {
    summary: 'One message.',
    zh: '查看一条消息。',
    answers: { 200: 'Message' },
    problems: [401, 403, 404, 503],
  },
  'PATCH /v1/messages/{id}': {
    summary: 'Add targets and contents, move or clear the expiry. Targets of a recalled message join its recall.',
    zh: '增加目标和内容 ID，修改或清除过期时间；已回撤的消息，新增目标自动并入回撤。',
    body: changeBody,
    answers: { 200: 'Message' },
    problems: [400, 401, 403, 404, 409, 413, 415, 503],
    example: { expiresAt: null, contents: ['article:43'] },
  },
  'POST /v1/messages/{id}/tokens': {
    summary:
      'Add push tokens: JSON, or application/x-ndjson with one JSON string a line and app, notifyId in the query.',
    zh: '追加 push token：JSON，或每行一个 JSON 字符串的 application/x-ndjson（app、notifyId 放在查询参数里）。',
    body: tokensBody,
    answers: { 200: 'Received' },
    problems: [400, 401, 403, 404, 413, 415, 503],
    example: { app: 'news-harmony', notifyId: 1_234_567, tokens: ['pushToken4'] },
  },
  'POST /v1/stop': {
    summary: 'End delivery of what has not reached a device yet.',
    zh: '终止：停止下发尚未到达设备的推送（定时推送则取消）。',
    body: recallBodies.stop,
    answers: { 200: 'Recall', 202: 'Recall' },
    problems: recallProblems,
    example: { target: { app: 'news-android', pushId: '43214535' }, reason: 'wrong link' },
  },
  'POST /v1/revoke': {
    summary: 'Stop, and make shown-but-untouched notifications disappear.',
    zh: '撤回：停止下发，并让已展示但未点击的通知消失。',
    body: recallBodies.revoke,
    answers: { 200: 'Recall', 202: 'Recall' },
    problems: recallProblems,
    example: links,
  },
  'POST /v1/overlay': {
    summary: 'Stop, and replace the shown notification by a new one.',
    zh: '覆盖：停止下发，并用新通知替换已展示的通知。',
    body: recallBodies.overlay,
    answers: { 200: 'Recall', 202: 'Recall' },
    problems: recallProblems,
    example: {
      ...links,
      overlay: {
        title: '更正：活动时间有误',
        body: '今天天气不错哦',
        forceCollapse: false,
        options: { huawei: { category: 'MARKETING' } },
      },
    },
  },
  'GET /v1/recalls': {
    summary: 'Recalls, newest first.',
    zh: '回撤列表，最新在前。',
    query: recallQuery,
    answers: { 200: 'RecallList' },
    problems: [400, 401, 403, 503],
  },
  'GET /v1/recalls/{id}': {
    summary: 'One recall, with its counts now.',
    zh: '查看一次回撤及其当前计数。',
    answers: { 200: 'Recall' },
    problems: [401, 403, 404, 503],
  },
  'POST /v1/recalls/{id}/cancel': {
    summary: 'End what no vendor was asked yet. Nothing that was accepted by the vendor comes back.',
    zh: '取消尚未提交给厂商的部分；厂商已受理的部分无法恢复。',
    answers: { 200: 'Recall' },
    problems: [400, 401, 403, 404, 409, 503],
  },
  'POST /v1/recalls/{id}/retry': {
    summary: "Try again what ended without the vendor's yes.",
    zh: '重试未被厂商受理的部分。',
    answers: { 202: 'Recall' },
    problems: [400, 401, 403, 404, 409, 503],
  },
  'GET /v1/status': {
    summary: 'What the vendor says of a push now.',
    zh: '查询厂商侧的推送任务状态。',
    query: statusQuery,
    answers: { 200: 'Status' },
    problems: [400, 401, 403, 404, 422, 503],
  },
  'GET /v1/capabilities': {
    summary: 'Per app: operations, effects per channel, limits, with dates and sources.',
    zh: '各应用的能力：操作、各通道效果、限制，附日期和出处。',
    query: capabilitiesQuery,
    answers: { 200: 'Capabilities' },
    problems: [400, 401, 403, 404, 503],
  },
  'GET /': { summary: 'Start page.', zh: '首页。', answers: { 200: 'text/html' }, problems: [] },
  'GET /docs': { summary: 'This reference.', zh: '本文档。', answers: { 200: 'text/html' }, problems: [] },
  'GET /openapi.json': {
    summary: 'This document.',
    zh: 'OpenAPI 文档。',
    answers: { 200: 'application/json' },
    problems: [],
  },
  'GET /livez': { summary: 'The function runs.', zh: '存活检查。', answers: { 200: 'Alive' }, problems: [] },
  'GET /readyz': {
    summary: 'Ledger, secrets and timers are there.',
    zh: '就绪检查：账本、密钥、定时器。',
    answers: { 200: 'Health', 503: 'Health' },
    problems: [],
  },
}

export function buildOpenApi(): object {
  const paths: { [path: string]: { [method: string]: object } } = {}
  for (const [name, entry] of Object.entries(functions)) {
    for (const route of entry.routes) {
      const operation = operations[`${route.method} ${route.path}`]
      if (operation === undefined) throw new Error(`${route.method} ${route.path} is not described`)
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describe(name, route, operation) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Unpush',
      version: '1',
      description:
        'Takes back push notifications that were already sent. "Accepted by the vendor" is not "gone from the screen": no vendor confirms that.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key of unpush/access.' } },
      schemas: {
        ...answerSchemas,
        ...Object.fromEntries(providers.map(provider => [targetName(provider.name), targetSchema(provider)])),
      },
    },
  }
}

function describe(tag: string, route: Route, operation: Operation): object {
  const isRecall = ['stop', 'revoke', 'overlay'].includes(tag)
  return {
    tags: [tag],
    summary: operation.summary,
    'x-summary-zh': operation.zh,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z]+(.)?/g, (_, letter?: string) => (letter ?? '').toUpperCase())}`,
    ...(route.right === null ? { security: [] } : { security: [{ key: [] }], 'x-roles': rolesWith(route.right) }),
    parameters: [
      ...pathParameters(route.path),
      ...queryParameters(operation.query),
      ...(isRecall ? recallHeaders : []),
    ],
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: withTargets(jsonSchema(operation.body)),
                ...(operation.example === undefined ? {} : { example: operation.example }),
              },
            },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, schema]) => [status, answer(status, schema, isRecall)]),
      ),
      ...Object.fromEntries(
        operation.problems.map(status => [
          String(status),
          {
            description: 'A problem (RFC 9457).',
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
    },
  }
}

const recallHeaders = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    schema: { type: 'string', maxLength: 255 },
    description: 'The same key and body get the same answer again, for 72 h.',
  },
  {
    name: 'Prefer',
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description: 'wait=N: answer when settled, or after N seconds (at most 20).',
  },
]

function answer(status: string, schema: string, isRecall: boolean): object {
  if (schema.includes('/')) return { description: 'As its type says.', content: { [schema]: {} } }
  const one = { $ref: `#/components/schemas/${schema}` }
  const isPlan = isRecall && status === '200'
  return {
    description: isPlan
      ? 'The plan of a dry run, or the recall that does this already (`deduplicated`).'
      : 'As described.',
    ...(isRecall
      ? { headers: { Location: { schema: { type: 'string' } }, 'Idempotent-Replayed': { schema: { type: 'string' } } } }
      : {}),
    content: {
      'application/json': { schema: isPlan ? { anyOf: [one, { $ref: '#/components/schemas/DryRun' }] } : one },
    },
  }
}

function rolesWith(right: Right): Role[] {
  return (Object.keys(rightsOf) as Role[]).filter(role => rightsOf[role].includes(right))
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters(query: z.ZodMiniType | undefined): object[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = jsonSchema(query) as {
    properties?: { [name: string]: object }
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function targetName(provider: string): string {
  return `${provider.charAt(0).toUpperCase()}${provider.slice(1)}Target`
}

function targetSchema({ target, name }: (typeof providers)[number]): object {
  const { properties, required = [], ...rest } = jsonSchema(target) as { properties?: object; required?: string[] }
  return {
    ...rest,
    title: `A target of ${name}`,
    properties: { app: { type: 'string' }, ...properties },
    required: ['app', ...required],
  }
}

/** Wherever a body holds a target, the vendors' own members are shown. */
function withTargets(schema: object): object {
  const any = { anyOf: providers.map(({ name }) => ({ $ref: `#/components/schemas/${targetName(name)}` })) }
  const { properties } = schema as { properties?: { [name: string]: object } }
  if (properties === undefined) return schema
  return {
    ...schema,
    properties: {
      ...properties,
      ...('target' in properties ? { target: any } : {}),
      ...('targets' in properties ? { targets: { type: 'array', maxItems: 100, items: any } } : {}),
    },
  }
}

function jsonSchema(schema: z.ZodMiniType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
  })
  return rest
}

export const openApiFile = fileURLToPath(new URL('./openapi.json', import.meta.url))

export function openApiText(): string {
  return `${JSON.stringify(buildOpenApi(), null, 1)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(openApiFile, openApiText())
