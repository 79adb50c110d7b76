// The pages that links in mails lead to. The token behind the `#` is taken out of the address at once, so that it stays
// neither in the history nor on the screen, and is sent only by a form.
"use strict";

const token = location.hash.slice(1);
if (token) history.replaceState(null, "", location.pathname);

const byId = (id) => document.getElementById(id);
const ticketInPath = location.pathname.split("/")[3] || null;
let ticket = ticketInPath;

/** What a problem document says, for people. */
function explained(problem, status) {
  const details = (problem.details || []).map((detail) => `${detail.path.join(".")} ${detail.message}`);
  return [problem.error || `The server answered ${status}.`, ...details].join(" ");
}

/** The answer's JSON; throws an error for people. */
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("The server cannot be reached. Try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401 && token) throw new Error("This link does not work any more, or what you entered is not right.");
  if (!response.ok) throw new Error(explained(answer, response.status));
  return answer;
}

/** What a form sends: a file as it is, anything else as JSON, with the token where there is one. */
function wish(form) {
  const fields = new FormData(form);
  if (form.querySelector("[type=file]")) return { method: "POST", body: fields };
  const values = Object.fromEntries([...fields].filter(([, value]) => value !== ""));
  const needsToken = !form.dataset.to.includes("{") && !values.email && !values.code;
  if (needsToken && token) values.token = token;
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(values) };
}

async function send(form) {
  const said = form.querySelector(".said");
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "…";
  try {
    const path = form.dataset.to
      .replace("{token}", encodeURIComponent(token))
      .replace("{ticket}", encodeURIComponent(ticket));
    const answer = await ask(path, wish(form));
    said.textContent = form.dataset.done;
    form.reset();
    if (answer.ticketId) ticket = ticketInPath || answer.ticketId;
    if (byId("ticket") && !form.closest("details")) await show();
  } catch (error) {
    said.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

function element(name, text, children = []) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

const day = (text) => new Date(text).toLocaleString();

/** A guest's tickets, and the one in view. */
async function show() {
  const { tickets } = await listed();
  if (!ticket) ticket = tickets[0]?.id ?? null;
  byId("way-in").hidden = true;
  if (ticket) {
    const whole = await ask(`/api/tickets/${encodeURIComponent(ticket)}`);
    document.querySelector("h1").textContent = whole.title;
    byId("facts").textContent =
      `#${whole.id.slice(0, 8)} · ${whole.status} · ${whole.priority} · ${whole.category} · ${day(whole.createdAt)}`;
    byId("description").textContent = whole.description;
    byId("comments").replaceChildren(
      ...whole.comments.map((comment) =>
        element("li", "", [
          element("strong", comment.user.name),
          element("small", ` ${day(comment.createdAt)}`),
          Object.assign(element("p", comment.content), { className: "text" }),
        ]),
      ),
    );
    byId("files").replaceChildren(
      ...whole.attachments.map((file) => {
        const link = element("a", file.fileName);
        link.href = `/api/tickets/${encodeURIComponent(whole.id)}/attachments/${encodeURIComponent(file.id)}`;
        return element("li", "", [link]);
      }),
    );
    byId("ticket").hidden = false;
  }
  byId("list").replaceChildren(
    ...tickets.map((one) => {
      const link = element("a", one.title);
      link.href = `/tickets/view/${encodeURIComponent(one.id)}`;
      return element("li", "", [link]);
    }),
  );
  byId("others").hidden = tickets.length < 2;
}

async function listed() {
  const answer = await ask("/api/tickets");
  return { tickets: Array.isArray(answer) ? answer : answer.tickets };
}

for (const form of document.querySelectorAll("form[data-to]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

if (byId("ticket")) {
  if (token) byId("code").closest("form").querySelectorAll("label, input, .hint").forEach((part) => part.remove());
  // Whoever comes back in the same browser is in already.
  else show().catch(() => {});
}
