/**
 * AWS: API Gateway REST APIs (payload 1.0), HTTP APIs and Lambda function URLs (payload 2.0)
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html), and
 * EventBridge schedules.
 */
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, EventBridgeEvent } from 'aws-lambda'
import type { ApiRequest, TimerFiring } from './request.ts'
import { bodyOf, type EventObject, headersOf, objectOf, pathOf, queryOf, textOf } from './fields.ts'

/** The documented event, of which nothing is taken for granted. */
type Guarded<E> = { readonly [M in keyof E]?: unknown }

/** Null: not a request of AWS. */
export function readAwsRequest(event: EventObject): ApiRequest | null {
  if (event['version'] === '2.0' && 'rawPath' in event) return readV2(event)
  // SCF's old gateway has httpMethod too, but none of these.
  const v1 = 'multiValueHeaders' in event || 'resource' in event || event['version'] === '1.0'
  return v1 && textOf(event['httpMethod']) !== null ? readV1(event) : null
}

export function readEventBridgeTimer(event: Guarded<EventBridgeEvent<string, unknown>>): TimerFiring | null {
  if (event.source !== 'aws.events' && event['detail-type'] !== 'Scheduled Event') return null
  const [rule] = Array.isArray(event.resources) ? event.resources : []
  const at = new Date(textOf(event.time) ?? '')
  return {
    name: textOf(rule)?.split('/').at(-1) ?? 'schedule',
    at: Number.isNaN(at.getTime()) ? null : at,
    message: null,
  }
}

function readV1(event: Guarded<APIGatewayProxyEvent>): ApiRequest {
  const identity = objectOf(objectOf(event.requestContext)?.['identity'])
  return {
    method: textOf(event.httpMethod) ?? 'GET',
    path: pathOf(event.path),
    query: queryOf(event.multiValueQueryStringParameters, event.queryStringParameters),
    // `headers` has the last of repeated ones only.
    headers: headersOf(event.headers, event.multiValueHeaders),
    body: bodyOf({ ...event }),
    sourceIp: textOf(identity?.['sourceIp']),
  }
}

function readV2(event: Guarded<APIGatewayProxyEventV2>): ApiRequest {
  const context = objectOf(event.requestContext)
  const http = objectOf(context?.['http'])
  const cookies = Array.isArray(event.cookies) && event.cookies.length > 0 ? { cookie: event.cookies } : null
  return {
    method: textOf(http?.['method']) ?? 'GET',
    path: withoutStage(pathOf(event.rawPath), textOf(context?.['stage'])),
    query: queryOf(event.rawQueryString, event.queryStringParameters),
    headers: headersOf(event.headers, cookies),
    body: bodyOf({ ...event }),
    sourceIp: textOf(http?.['sourceIp']),
  }
}

/** A stage that has a name stands before the path. */
function withoutStage(path: string, stage: string | null): string {
  if (stage === null || stage === '$default') return path
  return path === `/${stage}` ? '/' : path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path
}
