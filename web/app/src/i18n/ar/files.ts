import type { Translation } from "../text";

export default {
  choose: "اختيار ملفات",
  dropHere: "أفلت الملفات هنا أو الصق صورة، أو",
  dropNow: "أفلت لإضافتها",
  "limit.each": "حتى {each} لكل ملف.",
  "limit.all": "حتى {n} ملفات، {each} لكل ملف، و{total} إجمالًا.",
  list: "الملفات",
  remove: "إزالة {name}",
  giveUp: "عدم إرسال {name}",
  retry: "إعادة إرسال {name}",
  waiting: "بالانتظار",
  progress: "جارٍ إرسال {name}",
  sent: "تم الإرسال",
  arrived: "تم إرفاق {name}.",
  "refused.empty": "الملف {name} فارغ ولم يُضف.",
  "refused.tooLarge": "حجم {name} هو {size}، والحد الأقصى للملف {each}. لم يُضف.",
  "refused.tooMany": "لم يُضف {name}: الحد الأقصى {n} ملفات.",
  "refused.tooMuch": "لم يُضف {name}: الحد الأقصى لجميع الملفات معًا {total}.",
} satisfies Translation<"files">;
