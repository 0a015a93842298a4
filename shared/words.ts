/** What people read, in both languages. */
export type Words = readonly [english: string, chinese: string]

export interface WordTable {
  readonly [name: string]: Words
}
