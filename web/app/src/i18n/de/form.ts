import type { Translation } from "../text";

export default {
  empty: "Das wird gebraucht.",
  short: "Bitte mindestens {n} Zeichen.",
  long: "Bitte höchstens {n} Zeichen.",
  longBytes: "Das ist zu lang: Mehr als {n} Bytes gehen nicht.",
  email: "Das ist keine E-Mail-Adresse.",
  common: "Das ist eines der häufigsten Passwörter. Wählen Sie ein anderes.",
  other: "Das geht so nicht: {problem}.",
  showPassword: "Passwort zeigen",
  hidePassword: "Passwort verbergen",
  copy: "Kopieren",
  copied: "Kopiert",
} satisfies Translation<"form">;
