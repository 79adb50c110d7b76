export default {
  empty: "This is needed.",
  short: "At least {n} characters, please.",
  long: "At most {n} characters, please.",
  longBytes: "This is too long: {n} bytes are the most.",
  email: "This is not an email address.",
  common: "This is one of the most common passwords. Choose another one.",
  other: "It {problem}.",
  showPassword: "Show password",
  hidePassword: "Hide password",
  copy: "Copy",
  copied: "Copied",
} as const;
