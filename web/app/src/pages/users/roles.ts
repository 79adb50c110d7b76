/** What an account may be for. */
export const ROLES = ["GUEST", "USER", "ADMIN", "AUDITOR", "OPERATOR"] as const;
