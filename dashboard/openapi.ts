/** `npm run openapi`: the OpenAPI document from the function table and the schemas that read requests. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type FunctionEntry, functions } from '../shared/functions.ts'
import packageJson from '../package.json' with { type: 'json' }
import { answerSchemas } from './answers.ts'
import { describeOperation } from './describe-operation.ts'
import { problemExample } from './examples.ts'
import { explain, type JsonSchema, outputSchema } from './json-schema.ts'
import { operations } from './operations.ts'
import { targetSchemas } from './request-schemas.ts'
import type { Words } from '../shared/words.ts'

const description: Words = [
  'Takes back push notifications that were already sent, at every vendor, with one request. "Accepted by the vendor" is not "gone from the screen": no vendor confirms that. Bodies are UTF-8 JSON, at most 4 MiB; unknown members are refused, and so is one that is given twice; an optional member may be null, which is the same as absent. Ids are opaque strings; times are RFC 3339, any offset in, UTC out. New members may appear in answers: leave aside those you do not know.',
  '把已经发出去的推送收回来：一个请求，覆盖各家厂商。“厂商已受理”不等于“已从屏幕消失”：没有厂商会确认后者。请求与返回均为 UTF-8 JSON，上限 4 MiB，未知成员与重复成员会被拒绝；可选成员可为 null，等同于未给出；ID 为不透明字符串；时间为 RFC 3339，输入可带任意时区，输出为 UTC。返回中可能出现新成员，请忽略不认识的成员。',
]

/** Only functions with routes, in the order in which a reader wants them. */
const tags: { readonly [name: string]: Words } = {
  revoke: ['Revoke', '撤回'],
  stop: ['Stop', '终止'],
  overlay: ['Overlay', '覆盖'],
  recalls: ['Recalls', '回撤'],
  messages: ['Messages', '消息'],
  moderation: ['Moderation verdicts in', '审核结论接入'],
  deliveries: ['Verdicts and status webhooks', '审核结论与状态通知'],
  status: ['Vendor status', '厂商状态'],
  capabilities: ['Capabilities', '能力'],
  metrics: ['Metrics and health', '指标与健康'],
  audit: ['Audit trail', '审计记录'],
  dashboard: ['Pages and health', '页面与健康检查'],
}

export function buildOpenApi(): object {
  const paths: { [path: string]: { [method: string]: object } } = {}
  for (const tag of Object.keys(tags)) {
    const { routes }: FunctionEntry = functions[tag as keyof typeof functions]
    for (const route of routes) {
      const operation = operations[`${route.method} ${route.path}`]
      if (operation === undefined) throw new Error(`${route.method} ${route.path} is not described`)
      paths[route.path] = {
        ...paths[route.path],
        [route.method.toLowerCase()]: describeOperation(tag, route, operation),
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Unpush',
      version: packageJson.version,
      description: description[0],
      'x-description-zh': description[1],
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, [title, zh]]) => ({ name, description: title, 'x-description-zh': zh })),
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key of the secret unpush/access.' },
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An OIDC access token of the issuer that unpush/access names.',
        },
      },
      headers: {
        'X-Request-Id': { description: 'Names this request in the log.', schema: { type: 'string' } },
        ETag: { description: 'Weak; of what is answered, for If-None-Match.', schema: { type: 'string' } },
        Location: { description: 'The path of what is answered.', schema: { type: 'string' } },
        'Idempotent-Replayed': {
          description: 'true: this is the first answer to this Idempotency-Key again.',
          schema: { type: 'string', enum: ['true'] },
        },
        'Retry-After': { description: 'Seconds to wait before the next try.', schema: { type: 'string' } },
        'WWW-Authenticate': { description: 'Bearer, as RFC 6750 has it.', schema: { type: 'string' } },
      },
      schemas: { ...componentSchemas(), ...targetSchemas() },
    },
  }
}

function componentSchemas(): { [name: string]: JsonSchema } {
  const schemas = Object.entries(answerSchemas()).map(
    ([name, schema]) => [name, explain(outputSchema(schema), name)] as const,
  )
  return Object.fromEntries(
    schemas.map(([name, schema]) => [name, name === 'Problem' ? { ...schema, examples: [problemExample] } : schema]),
  )
}

export const openApiFile = fileURLToPath(new URL('./openapi.json', import.meta.url))

export function openApiText(): string {
  return `${JSON.stringify(buildOpenApi(), null, 1)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(openApiFile, openApiText())
