/** Switches of a stand-in: what each takes, what it is on a good day, and the words that page and documents have for it. */
import * as z from 'zod/mini'

export interface Words {
  readonly en: string
  readonly zh: string
}

export interface Switch<Value = unknown> {
  readonly honest: Value
  readonly schema: z.ZodMiniType<Value>
  /** How the page draws it. */
  readonly kind: 'check' | 'number' | 'text' | 'choice'
  /** Null stands for "none". */
  readonly choices: readonly (string | null)[]
  /** The label on the page. */
  readonly label: Words
}

export interface SwitchTable {
  readonly [name: string]: Switch
}

/** The live values of a table; whoever assigns one has thrown the switch. */
export type ValuesOf<Table extends SwitchTable> = { -readonly [Name in keyof Table]: Table[Name]['honest'] }

const count = z.int().check(z.minimum(0))

export function check(honest: boolean, label: Words): Switch<boolean> {
  return { honest, schema: z.boolean(), kind: 'check', choices: [], label }
}

/** A whole number from 0 on. */
export function whole(honest: number, label: Words, most = Number.MAX_SAFE_INTEGER): Switch<number> {
  return { honest, schema: count.check(z.maximum(most)), kind: 'number', choices: [], label }
}

/** A whole number from `least` on, or null: none. */
export function wholeOrNone(label: Words, least = 0): Switch<number | null> {
  return { honest: null, schema: z.nullable(count.check(z.minimum(least))), kind: 'number', choices: [], label }
}

/** A number from 0 to 1. */
export function part(honest: number, label: Words): Switch<number> {
  const schema = z.number().check(z.minimum(0), z.maximum(1))
  return { honest, schema, kind: 'number', choices: [], label }
}

export function textOrNone(label: Words): Switch<string | null> {
  const schema = z.nullable(z.string().check(z.maxLength(100)))
  return { honest: null, schema, kind: 'text', choices: [], label }
}

/** The first choice is the honest one. */
export function choice<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  label: Words,
): Switch<Choices[number]> {
  return { honest: choices[0], schema: z.enum(choices), kind: 'choice', choices, label }
}

/** Null, which is honest, or one of the choices. */
export function choiceOrNone<const Choices extends readonly string[]>(
  choices: Choices,
  label: Words,
): Switch<Choices[number] | null> {
  return { honest: null, schema: z.nullable(z.enum(choices)), kind: 'choice', choices: [null, ...choices], label }
}

export function honest<Table extends SwitchTable>(table: Table): ValuesOf<Table> {
  return Object.fromEntries(Object.entries(table).map(([name, one]) => [name, one.honest])) as ValuesOf<Table>
}
