/** Every problem that can come, and what to do about it, for people. */
import type { ProblemSlug } from '../shared/errors.ts'
import type { Words } from '../shared/words.ts'

export const problemWords: { readonly [S in ProblemSlug]: Words } = {
  'invalid-request': [
    'Mend the members that errors lists; each is named by its JSON pointer.',
    '按 errors 所列逐项修改；每项以 JSON 指针指明。',
  ],
  unauthorized: [
    'Send Authorization: Bearer <API key>, with a key that is known here and has not expired.',
    '请求须带 Authorization: Bearer <API 密钥>，且密钥有效、未过期。',
  ],
  forbidden: ["The key's role or apps do not cover this.", '密钥的角色或应用范围不允许此操作。'],
  'not-found': [
    'Nothing is there under this id or path, or nothing that this key reaches.',
    '该 ID 或路径下没有内容，或密钥无权访问。',
  ],
  'method-not-allowed': [
    'The path takes the methods that the header Allow lists.',
    '该路径只接受 Allow 头所列的方法。',
  ],
  conflict: [
    'Something in the way must end first; detail says what, and what else can be done.',
    '须先等其他操作结束；detail 说明是什么、还能怎么做。',
  ],
  'request-in-progress': [
    'The first request is still being admitted: send this one again after Retry-After seconds.',
    '首个请求仍在受理中：按 Retry-After 的秒数后重发。',
  ],
  'payload-too-large': [
    'The request is over a bound, which bound and limit name: send less at once, as detail says.',
    '请求超过 bound、limit 所指的上限：按 detail 所述减少单次内容。',
  ],
  'unsupported-media-type': [
    'Send Content-Type: application/json, and the body uncompressed.',
    '请使用 Content-Type: application/json，请求体不要压缩。',
  ],
  unsupported: [
    'No target can do what was asked; targets says why for each.',
    '没有目标能完成所请求的操作；targets 逐项说明原因。',
  ],
  'idempotency-key-reused': [
    'The key was used with another body: take a new key for a new request.',
    '该幂等键已用于不同的请求体：新请求请换新键。',
  ],
  'too-many-requests': [
    'A limit is reached: bound names it, limit is its number. Send the request again after Retry-After seconds; an Idempotency-Key is not used up.',
    '已达到上限：bound 指明是哪一项，limit 是其数值。请按 Retry-After 的秒数后重发；幂等键不会因此被占用。',
  ],
  internal: ['A defect of Unpush; the log has it under requestId.', 'Unpush 自身的缺陷；日志中可按 requestId 查到。'],
  unavailable: [
    'Something Unpush needs is not there now. Try again; with an Idempotency-Key nothing is done twice.',
    'Unpush 依赖的服务暂不可用，请重试；带 Idempotency-Key 则不会重复执行。',
  ],
}

export type DescribedProblem = keyof typeof problemWords

/** Whatever a route that reads a body may refuse of it. */
export const bodyProblems = {
  'invalid-request': 'The body is not valid; errors names each wrong member.',
  'payload-too-large': 'The body is over 4 MiB, or what it holds is over another bound (docs/bounds.md).',
  'unsupported-media-type': 'The body is not of the type application/json, or is compressed.',
} as const

/** Of every route with a right. */
export const signedProblems = {
  unauthorized: 'No API key came, or one that is not known here or has expired.',
  forbidden: 'The role of the key does not allow this.',
  'too-many-requests': 'The person, or the owner of the key, is over limits.requestsPerMinute of unpush/policy.',
  internal: 'A defect of Unpush.',
  unavailable: 'The ledger or a secret cannot be reached now.',
} as const
