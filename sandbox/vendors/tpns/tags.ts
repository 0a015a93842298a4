/** Tags of a TPNS push: https://cloud.tencent.com/document/product/548/39064, `tag_rules` and `tag_list`. */
import type { Phone } from '../../phone.ts'
import { isObject, isTexts, type JsonObject } from '../judgement.ts'
import { Refusal } from './refusal.ts'

type Operator = 'AND' | 'OR'

interface TagItem {
  readonly tags: readonly string[]
  readonly is_not: boolean
  readonly tags_operator: Operator
  readonly items_operator: Operator
  readonly tag_type: string
}

export interface TagRule {
  readonly tag_items: readonly TagItem[]
  readonly operator: Operator
  readonly is_not: boolean
}

const tagsAtMost = 500

export function anyOfTags(tags: readonly string[]): TagRule[] {
  return [
    {
      tag_items: [{ tags, is_not: false, tags_operator: 'OR', items_operator: 'OR', tag_type: 'xg_user_define' }],
      operator: 'OR',
      is_not: false,
    },
  ]
}

/** `tagSet` of a record: one operator over all tags. Null where the rules say more than that can. */
export function tagSetOf([rule, ...further]: readonly TagRule[]): object | null {
  if (rule === undefined || further.length > 0 || rule.is_not) return null
  const items = rule.tag_items
  const operators = new Set([
    ...items.filter(({ tags }) => tags.length > 1).map(item => item.tags_operator),
    ...items.slice(1).map(item => item.items_operator),
  ])
  if (operators.size > 1 || items.some(item => item.is_not)) return null
  const [op = 'OR'] = operators
  const tagWithType = items.flatMap(({ tags, tag_type: tagTypeName }) =>
    tags.map(tagValue => ({ tagTypeName, tagValue })),
  )
  return { op, tagWithType }
}

export function tagsMatch(rules: readonly TagRule[], phone: Phone): boolean {
  return joined(
    rules,
    ({ operator }) => operator,
    rule => ruleMatches(rule, phone),
  )
}

/** `tag_list` is frozen, and not looked at where there are rules. */
export function readTags({ tag_rules: rules, tag_list: list }: JsonObject): TagRule[] {
  if (rules === undefined && list === undefined) throw new Refusal(1_008_002)
  const read = rules === undefined ? [readTagList(list)] : Array.isArray(rules) ? rules.map(readRule) : []
  const tags = read.flatMap(({ tag_items: items }) => items.flatMap(item => item.tags))
  if (read.length === 0 || tags.length > tagsAtMost) throw new Refusal(1_008_007)
  return read
}

function readTagList(list: unknown): TagRule {
  const { tags, op } = isObject(list) ? list : {}
  const operator = operatorOf(op)
  return readRule({ tag_items: [{ tags, tags_operator: operator, tag_type: 'xg_user_define' }] })
}

function readRule(rule: unknown): TagRule {
  const { tag_items: items, operator, is_not: isNot = false } = isObject(rule) ? rule : {}
  if (!Array.isArray(items) || items.length === 0 || typeof isNot !== 'boolean') throw new Refusal(1_008_007)
  return { tag_items: items.map(readItem), operator: operatorOf(operator), is_not: isNot }
}

function readItem(item: unknown): TagItem {
  const { tags, is_not: isNot = false, tags_operator, items_operator, tag_type: type } = isObject(item) ? item : {}
  if (!isTexts(tags) || tags.length === 0 || typeof isNot !== 'boolean' || typeof type !== 'string') {
    throw new Refusal(1_008_007)
  }
  return {
    tags,
    is_not: isNot,
    tags_operator: operatorOf(tags_operator),
    items_operator: operatorOf(items_operator),
    tag_type: type,
  }
}

/** Tencent's own SDK sends an empty one where there is nothing to join. */
function operatorOf(value: unknown): Operator {
  if (value === undefined || value === '') return 'OR'
  if (value !== 'AND' && value !== 'OR') throw new Refusal(1_008_007)
  return value
}

function ruleMatches({ tag_items: items, is_not: isNot }: TagRule, phone: Phone): boolean {
  return (
    isNot !==
    joined(
      items,
      item => item.items_operator,
      item => itemMatches(item, phone),
    )
  )
}

function itemMatches({ tags, is_not: isNot, tags_operator: operator, tag_type: type }: TagItem, phone: Phone): boolean {
  const has = (tag: string): boolean => type === 'xg_user_define' && phone.tags.includes(tag)
  return isNot !== (operator === 'AND' ? tags.every(has) : tags.some(has))
}

/** AND binds tighter than OR; the first one's operator is not looked at. */
function joined<T>(items: readonly T[], operatorOf: (item: T) => Operator, holds: (item: T) => boolean): boolean {
  let any = false
  let all = true
  items.forEach((item, index) => {
    if (index > 0 && operatorOf(item) === 'OR') {
      any ||= all
      all = true
    }
    all &&= holds(item)
  })
  return any || all
}
