// What must not happen on a page, whatever is tested (S-143).
import type { BrowserContext, Page } from "playwright-core";

/** Notes what goes wrong on pages, unless a test has announced it. */
export class Watch {
  readonly #problems: string[] = [];
  readonly #announced: RegExp[] = [];
  readonly #consoles = new Map<Page, string[]>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** What matches is no problem from now on, until the end of the test. */
  announce(...patterns: RegExp[]): void {
    this.#announced.push(...patterns);
  }

  /** Everything that went wrong and was not announced; and begins anew. */
  take(): string[] {
    this.#announced.length = 0;
    return this.#problems.splice(0);
  }

  /** The lines of a page's console. */
  console(page: Page): readonly string[] {
    return this.#consoles.get(page) ?? [];
  }

  follow(context: BrowserContext): void {
    context.on("page", (page) => this.#follow(page));
  }

  #note(problem: string): void {
    if (!this.#announced.some((pattern) => pattern.test(problem))) this.#problems.push(problem);
  }

  #follow(page: Page): void {
    const lines: string[] = [];
    this.#consoles.set(page, lines);
    page.on("console", (message) => {
      const { url } = message.location();
      lines.push(message.text());
      // Violations of the Content-Security-Policy are errors of the console too.
      if (message.type() === "error") this.#note(`console error: ${message.text()} (${url})`);
    });
    page.on("pageerror", (error) => this.#note(`uncaught: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => {
      // Whoever leaves a form is asked whether they mean it; nothing else may open one.
      if (dialog.type() !== "beforeunload") this.#note(`a dialog says ${dialog.message()}`);
      void dialog.accept().catch(() => {});
    });
    page.on("request", (request) => this.#leads(request.url()));
    page.on("websocket", (socket) => this.#leads(socket.url()));
    page.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      // Whoever goes on to another page no longer wants to know.
      if (reason !== "net::ERR_ABORTED") this.#note(`failed: ${request.method()} ${request.url()} ${reason}`);
    });
  }

  #leads(url: string): void {
    const { protocol, host } = new URL(url);
    const isOwn = host === new URL(this.#origin).host || protocol === "data:" || protocol === "blob:";
    if (!isOwn) this.#note(`a request to somebody else: ${url}`);
  }
}
