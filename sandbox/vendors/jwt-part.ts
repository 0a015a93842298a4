import { isObject, type JsonObject } from './judgement.ts'

/** A part of a JWT as stand-ins read it: what is no JSON object is an empty one, and fails by what it lacks. */
export function decodePart(part: string): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
