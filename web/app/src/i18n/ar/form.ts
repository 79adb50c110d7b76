import type { Translation } from "../text";

export default {
  empty: "هذا الحقل مطلوب.",
  short: "يجب أن يحتوي على {n} أحرف على الأقل.",
  long: "يجب ألا يزيد على {n} حرفًا.",
  longBytes: "النص طويل جدًا: الحد الأقصى {n} بايت.",
  email: "هذا ليس عنوان بريد إلكتروني.",
  common: "هذه من أكثر كلمات المرور شيوعًا. اختر كلمة أخرى.",
  other: "لا يصح ذلك: {problem}.",
  showPassword: "إظهار كلمة المرور",
  hidePassword: "إخفاء كلمة المرور",
  copy: "نسخ",
  copied: "تم النسخ",
} satisfies Translation<"form">;
