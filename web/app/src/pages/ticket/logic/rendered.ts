/** What the server has rendered of a text, if it does so. */
export function renderedOf(one: object, name: "descriptionHtml" | "contentHtml"): string | null | undefined {
  const html = (one as Record<string, unknown>)[name];
  return typeof html === "string" ? html : null;
}
