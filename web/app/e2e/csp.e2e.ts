// What the pages' Content-Security-Policy says, and that a browser holds to it.
import { expect, test } from "vitest";
import { openWorld, until } from "./world";

const world = openWorld();

test("the policy is strict on every kind of page, and nothing in them needs more", async () => {
  for (const path of ["/", "/login", "/admin/tickets", "/tickets/view/0190a5f3", "/no/such/page"]) {
    const answer = await fetch(world.url + path, { headers: { accept: "text/html" } });
    const policy = new Map(
      (answer.headers.get("content-security-policy") ?? "").split(";").map((directive) => {
        const [name, ...sources] = directive.trim().split(/\s+/);
        return [name, sources.join(" ")] as const;
      }),
    );
    expect(policy.get("default-src"), path).toBe("'none'");
    for (const name of ["script-src", "style-src", "form-action"])
      expect(policy.get(name), path).toBe("'self'");
    for (const name of ["object-src", "base-uri", "frame-ancestors"])
      expect(policy.get(name), path).toBe("'none'");
    expect([...policy.values()].join(" "), path).not.toMatch(/unsafe|\*|https?:(?!\/\/)|data:.*data:/);
    const html = await answer.text();
    expect(html, path).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
    expect(html, path).not.toMatch(/(src|href)="(https?:)?\/\//);
  }
});

test("whatever gets into a page can neither run nor tell anybody", async () => {
  const attempts: Record<string, () => void> = {
    "script-src-elem": () => {
      const script = document.createElement("script");
      script.textContent = "window.pwned = 1";
      document.body.append(script);
    },
    "script-src-attr": () => {
      const button = document.createElement("button");
      button.setAttribute("onclick", "window.pwned = 1");
      document.body.append(button);
      button.click();
    },
    "style-src-elem": () => {
      const style = document.createElement("style");
      style.textContent = "* { color: red }";
      document.body.append(style);
    },
    "img-src": () => {
      new Image().src = "http://elsewhere.invalid/pixel.png";
    },
    "connect-src": () => {
      fetch("http://elsewhere.invalid/").catch(() => {});
    },
    "frame-src": () => {
      const frame = document.createElement("iframe");
      frame.src = "http://elsewhere.invalid/";
      document.body.append(frame);
    },
    "form-action": () => {
      const form = document.createElement("form");
      form.action = "http://elsewhere.invalid/";
      document.body.append(form);
      form.submit();
    },
  };
  world.announce(/Content Security Policy/, /ERR_BLOCKED_BY_CSP|csp/i, /elsewhere\.invalid/);
  const page = await world.page(world.people.ulla, { path: "/dashboard" });
  await page.evaluate(() => {
    const violated: string[] = [];
    Object.assign(window, { violated });
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      violated.push(effectiveDirective),
    );
  });
  for (const [directive, attempt] of Object.entries(attempts)) {
    await page.evaluate(attempt);
    await until(`a violation of ${directive}`, async () => {
      const violated = await page.evaluate(() => (window as unknown as { violated: string[] }).violated);
      return violated.includes(directive) ? true : null;
    });
  }
  expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
});
