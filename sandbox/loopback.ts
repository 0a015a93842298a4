/** A page of another site must not reach local paths through a name that it made point here: the Host header tells. */
export function isLoopback(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '')
}
