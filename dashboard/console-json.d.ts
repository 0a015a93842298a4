/** Built by `npm ci` and by `npm start`: it need not be there when types are checked. */
declare module '*/console.json' {
  const built: {
    readonly script: string
    readonly signIn: string
    readonly late: string
    readonly style: string
    readonly files: { readonly [name: string]: string }
  }
  export default built
}
