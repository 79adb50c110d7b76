// An identity provider that nobody here wrote (`oidc-provider`), with one client: the help desk.
//
// CONFIG is JSON: host, redirectUri, postLogoutRedirectUri, and inIdToken (whether claims stand in the ID token, and not
// only in the userinfo). Says on its first line which issuer it is. Each line on stdin is who signs in next, as
// {"sub": "…", "claims": {…}}; it is answered by a line as soon as it counts.
import { createServer } from "node:http";
import { createInterface } from "node:readline";

console.info = console.warn = () => {};
const { Provider } = await import("oidc-provider");

const config = JSON.parse(process.env.CONFIG);
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://${config.host}:${server.address().port}`;

const accounts = new Map();
let next = null;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "desk",
      client_secret: "a secret that only these two know",
      redirect_uris: [config.redirectUri],
      post_logout_redirect_uris: [config.postLogoutRedirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username", "realm_access", "resource_access", "roles"],
  },
  conformIdTokenClaims: !config.inIdToken,
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = form;
      },
    },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => {
    const claims = accounts.get(sub);
    return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
  },
  // Nobody is asked whether the help desk may know who they are.
  loadExistingGrant: async (ctx) => {
    const { client, session, provider: own } = ctx.oidc;
    const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  if (!next) return provider.interactionFinished(request, response, { error: "access_denied", error_description: "<script>" });
  return provider.interactionFinished(request, response, { login: { accountId: next } });
});

process.stdout.write(`${issuer}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { sub, claims } = JSON.parse(line);
  if (sub) accounts.set(sub, claims);
  next = sub;
  process.stdout.write("ok\n");
}
process.exit(0);
