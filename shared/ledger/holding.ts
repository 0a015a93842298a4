/** The recall takes in what is registered under what it holds. `roll_up` (schema.sql) says the same: they change together. */
export const holds = (recall: string) =>
  `${recall}.holds_until > now() and ${recall}.cancelled_at is null and ${recall}.unapproved is null`
