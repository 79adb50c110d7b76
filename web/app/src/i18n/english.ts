// The names of all texts, taken from the English ones: a text that is missing in another language does not compile.
import type account from "./en/account";
import type auditor from "./en/auditor";
import type common from "./en/common";
import type connection from "./en/connection";
import type dashboard from "./en/dashboard";
import type files from "./en/files";
import type form from "./en/form";
import type notifications from "./en/notifications";
import type operator from "./en/operator";
import type palette from "./en/palette";
import type publicPages from "./en/public";
import type shell from "./en/shell";
import type ticket from "./en/ticket";
import type tickets from "./en/tickets";
import type users from "./en/users";

export interface English {
  account: typeof account;
  auditor: typeof auditor;
  common: typeof common;
  connection: typeof connection;
  dashboard: typeof dashboard;
  files: typeof files;
  form: typeof form;
  notifications: typeof notifications;
  operator: typeof operator;
  palette: typeof palette;
  public: typeof publicPages;
  shell: typeof shell;
  ticket: typeof ticket;
  tickets: typeof tickets;
  users: typeof users;
}
