import { auditQuery, capabilitiesQuery, statusQuery } from '../../shared/api-schemas.ts'
import * as z from 'zod/mini'
import { batchSizeOf } from '../../shared/recall/addressing.ts'
import { documentedVendors, sharesOfReads, statusVendor, titlesOf, tokenVendor } from '../documented-vendors.ts'
import { replyOf, shown } from '../examples.ts'
import { namesForStatus } from '../named-members.ts'
import type { Operation } from '../operation.ts'

const [titles, titlesZh] = titlesOf(documentedVendors.filter(({ provider }) => provider.status !== undefined))
const [shares, sharesZh] = sharesOfReads()
const note = tokenVendor.documents.notes?.stop
const [refusal] = (typeof note === 'string' ? tokenVendor.provider.sentences[note] : note) ?? []
const queryFault = 'A parameter is missing, not valid, not known, or given twice.'

export const readingOperations: { readonly [route: string]: Operation } = {
  'GET /v1/status': {
    id: 'getStatus',
    summary: ['What the vendor says of a push now', '查询厂商侧的推送任务状态'],
    description: [
      `The record, at most a minute old: however many ask, the vendor is asked once. Reads have a small share of its query budget to themselves (${shares}) and take nothing from recalls; where it is used up or the vendor does not answer, the last known record, with its age in asOf and the reason in stale. Only vendors that tell a status: ${titles}.`,
      `返回一分钟以内的记录：无论多少人查询，厂商只被询问一次。查询另有一小份独立额度（${sharesZh}），不占用回撤的额度；额度用尽或厂商不应答时，返回最近一次的记录，asOf 为其时间，stale 说明原因。仅适用于提供状态的厂商：${titlesZh}。`,
    ],
    query: z.strictObject({ ...statusQuery().shape, ...namesForStatus }),
    answers: {
      200: {
        means: ['The record, fresh or with the reason why not.', '任务记录；若非最新则附原因。'],
        holds: 'Status',
        example: {
          ...shown(statusVendor),
          handle: String(Object.values(statusVendor.name)[0]),
          status: statusVendor.documents.record?.status ?? null,
          scheduled: false,
          asOf: '2026-11-23T02:10:00.000Z',
          stale: null,
          notices: [],
          vendor: replyOf(statusVendor.documents.replies?.status),
        },
      },
    },
    problems: {
      'invalid-request': queryFault,
      'not-found': 'There is no such app for this key, or the vendor knows no such push.',
      unsupported: "The app's vendor tells no status of a push.",
      'too-many-requests':
        'The budget for reads is used up (Retry-After says for how long), and none was read before; or the person, or the owner of the key, is over limits.requestsPerMinute of unpush/policy.',
      unavailable: 'The vendor gave no status and none was read before, or the ledger or a secret cannot be reached.',
    },
  },
  'GET /v1/capabilities': {
    id: 'getCapabilities',
    summary: ['What can be taken back, per app and channel', '各应用、各通道可回撤的能力'],
    description: [
      'The dated vendor data that plans are made from: operations, effects per channel, limits, each with its source.',
      '制定方案所依据的厂商资料：操作、各通道效果与限制，均附日期和出处。',
    ],
    query: capabilitiesQuery(),
    answers: {
      200: {
        means: ['One item for each app.', '每个应用一项。'],
        holds: 'Capabilities',
        example: {
          items: [
            {
              app: tokenVendor.app,
              provider: tokenVendor.provider.name,
              problem: null,
              notices: [],
              addressing: 'tokens',
              batchSize: batchSizeOf(tokenVendor.provider),
              operations: [
                {
                  operation: 'stop',
                  supported: false,
                  refusal: refusal ?? null,
                  effects: [],
                  warnings: [],
                  notices: refusal === undefined ? [] : [{ code: note, params: {} }],
                  channels: [],
                },
              ],
              limits: [],
            },
          ],
        },
      },
    },
    problems: { 'invalid-request': queryFault, 'not-found': 'There is no such app for this key.' },
  },
  'GET /v1/audit': {
    id: 'listAudit',
    summary: ['List the audit trail, newest first', '列出审计记录，最新在前'],
    description: [
      'Who admitted, cancelled, superseded or retried a recall, and how each settled. Each record is chained to the one before by its hash; npm run verify-audit checks the whole chain. A key that is limited to apps sees the records that name those apps alone. With Accept: application/x-ndjson one record a line, its members in the order in which they were hashed and its detail as the text that was; Link (rel=next) leads to the next page.',
      '谁发起、取消、取代或重试了回撤，以及各回撤的结果。每条记录以哈希与上一条相连；npm run verify-audit 检查整条链。限定应用的密钥只能看到仅涉及这些应用的记录。以 Accept: application/x-ndjson 请求时每行一条记录：成员按计算哈希的顺序排列，detail 为参与哈希的原文；下一页见 Link 响应头（rel=next）。',
    ],
    query: auditQuery(),
    answers: {
      200: {
        means: ['A page of records.', '一页审计记录。'],
        holds: 'AuditList',
        text: 'application/x-ndjson',
        example: {
          items: [
            {
              seq: 2,
              at: '2026-11-23T02:10:01.512345Z',
              actor: 'unpush',
              person: null,
              action: 'recall.settled',
              object: 'rcl_06ckb7v1e8t2w5x9',
              detail: {
                operation: 'revoke',
                state: 'done',
                apps: ['news-harmony'],
                devices: { accepted: 3, rejected: 0, unknown: 0 },
              },
              hash: '3f9a1c0d5b7e2a4860c1d3e5f70819a2b4c6d8eafc0e1f20314253647586970a',
            },
          ],
          nextCursor: null,
        },
      },
    },
    problems: { 'invalid-request': queryFault },
  },
  'GET /v1/audit/head': {
    id: 'getAuditHead',
    summary: ['How far the audit trail goes', '审计链的最新位置'],
    description: [
      'The last record of the chain, how many entries wait to be sealed, and the signed digest that sweep last wrote into the log (null: there is no unpush/audit-key). What counts is the log: whoever owns the database can change what is shown here.',
      '链上最后一条记录、等待封存的条数，以及 sweep 最近写入日志的签名摘要（未配置 unpush/audit-key 则为 null）。以日志为准：数据库所有者可以改动此处所示内容。',
    ],
    answers: {
      200: {
        means: ['The head of the chain.', '链的最新位置。'],
        holds: 'AuditHead',
        example: {
          seq: 2,
          hash: '3f9a1c0d5b7e2a4860c1d3e5f70819a2b4c6d8eafc0e1f20314253647586970a',
          unsealed: 0,
          digest: null,
          hashed: ['seq', 'at', 'entry', 'actor', 'person', 'action', 'object', 'detail', 'request', 'mac'],
        },
      },
    },
    problems: {},
  },
}
