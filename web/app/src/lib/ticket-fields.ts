// What a ticket's fields can be, in the order in which they are offered.
export const STATUSES = ["OPEN", "IN_PROGRESS", "WAITING", "RESOLVED", "CLOSED"] as const;
export type Status = (typeof STATUSES)[number];
export const PRIORITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW"] as const;
export type Priority = (typeof PRIORITIES)[number];
export const CATEGORIES = ["HARDWARE", "SOFTWARE", "NETWORK", "ACCESS", "TRAVEL", "OTHER"] as const;
export type Category = (typeof CATEGORIES)[number];
