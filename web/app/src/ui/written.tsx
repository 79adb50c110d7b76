/**
 * What somebody wrote, as the server rendered and sanitised it. The only place that takes HTML; without it, the text as it
 * was typed.
 */
export function Written({ html, text }: { html: string | null | undefined; text: string }) {
  if (html === null || html === undefined) {
    return (
      <div dir="auto" className="prose whitespace-pre-wrap">
        {text}
      </div>
    );
  }
  // oxlint-disable-next-line react/no-danger -- made by the server's sanitiser, and never by anybody else
  return <div dir="auto" className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}
