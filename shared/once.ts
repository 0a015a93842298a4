/** `make`'s value, made when it is first asked for: a cold start pays only for what it needs. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null
  return () => (made ??= { value: make() }).value
}

/** `make`'s value for each key, made when it is first asked for and kept as long as the key is. */
export function onceEach<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { readonly value: Value }>()
  return key => {
    const known = made.get(key) ?? { value: make(key) }
    made.set(key, known)
    return known.value
  }
}

/**
 * What `load` resolves with, loaded when it is first asked for; a failure is not kept. An `import()` of what is loaded already is
 * cheap, save where a compiler stands between: there each one asks another thread.
 */
export function onceLoaded<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loaded: Promise<Value> | null = null
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = null
      throw error
    })
    return loaded
  }
}
