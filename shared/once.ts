/** `make`'s value, made when it is first asked for: a cold start pays only for what it needs. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null
  return () => (made ??= { value: make() }).value
}
