import type { Translation } from "../text";

export default {
  choose: "Dateien wählen",
  dropHere: "Dateien hierher ziehen oder ein Bild einfügen, oder",
  dropNow: "Loslassen, um sie hinzuzufügen",
  "limit.each": "Bis zu {each} je Datei.",
  "limit.all": "Bis zu {n} Dateien, {each} je Datei, {total} insgesamt.",
  list: "Dateien",
  remove: "{name} entfernen",
  giveUp: "{name} nicht senden",
  retry: "{name} noch einmal senden",
  waiting: "Wartet",
  progress: "{name} wird gesendet",
  sent: "Gesendet",
  arrived: "{name} ist angehängt.",
  "refused.empty": "{name} ist leer und wurde nicht hinzugefügt.",
  "refused.tooLarge": "{name} hat {size}; eine Datei darf {each} haben. Sie wurde nicht hinzugefügt.",
  "refused.tooMany": "{name} wurde nicht hinzugefügt: Mehr als {n} Dateien gehen nicht.",
  "refused.tooMuch": "{name} wurde nicht hinzugefügt: Alle Dateien zusammen dürfen {total} haben.",
} satisfies Translation<"files">;
