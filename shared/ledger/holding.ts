/** The recall takes in what is registered under what it holds. */
export const holds = (recall: string) =>
  `${recall}.holds_until > now() and ${recall}.cancelled_at is null and ${recall}.unapproved is null`
