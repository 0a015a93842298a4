/** Callers that ask while the same question is out share its answer, or its failure. Nothing is remembered afterwards. */
export function singleFlight<Answer>(): (key: string, ask: () => Promise<Answer>) => Promise<Answer> {
  const out = new Map<string, Promise<Answer>>()
  return (key, ask) => {
    const asked = out.get(key) ?? ask().finally(() => out.delete(key))
    out.set(key, asked)
    return asked
  }
}
