import type { Translation } from "../text";

export default {} satisfies Translation<"auditor">;
