/** The audit trail. */
import type { WordTable } from '../../../shared/words.ts'

export const auditWords: WordTable = {
  seq: ['Its number in the chain, from 1, without gaps.', '链中的序号，从 1 起，连续无缺。'],
  'AuditRecord.at': ['When it was recorded, in UTC, to the microsecond.', '记录时间（UTC，精确到微秒）。'],
  actor: ['Who did it: key:<id>, or unpush itself.', '操作者：key:<id>，或 unpush 自身。'],
  'AuditRecord.person': ['The person behind the actor; null: none is known.', '操作者对应的人；未知则为 null。'],
  action: [
    'What was done: recall.admitted, recall.cancelled, recall.superseded, recall.retried, recall.settled, …',
    '所做之事：recall.admitted、recall.cancelled、recall.superseded、recall.retried、recall.settled 等。',
  ],
  object: ['The id of what it was done to.', '操作对象的 ID。'],
  'AuditRecord.detail': [
    'What belongs to the action; never notification text, tokens or secrets.',
    '该操作的细节；不含通知内容、token 或密钥。',
  ],
  hash: [
    'SHA-256 of the hash of the record before and of this record, in hex.',
    '上一条记录的哈希与本条记录的 SHA-256，十六进制。',
  ],
  'listAudit.actor': ['Only what this principal did, as key:ops.', '仅列出该操作者的记录，如 key:ops。'],
  'listAudit.action': ['Only this action, as recall.admitted.', '仅列出该动作，如 recall.admitted。'],
  'listAudit.object': ['Only what was done to this id.', '仅列出针对该 ID 的记录。'],
  unsealed: ['Entries that wait to be sealed.', '等待封存的记录数。'],
  digest: [
    'The signed digest that sweep last wrote into the log; null: none.',
    'sweep 最近写入日志的签名摘要；没有则为 null。',
  ],
  'digest.at': ['When it was signed.', '签名时间。'],
  key: [
    'Which key signed: 12 hex digits of the SHA-256 of its public half.',
    '签名密钥：其公钥 SHA-256 的前 12 位十六进制。',
  ],
  signature: ['Ed25519, base64url.', 'Ed25519 签名，base64url。'],
  hashed: [
    'What a hash covers after the hash before, in this order, each as <bytes>:<text>, - for null.',
    '哈希在前一哈希之后依次涵盖的成员，各写作 <字节数>:<文本>，null 写作 -。',
  ],
}
