// Why: people sign in at a provider nobody here wrote: npm's oidc-provider with its own pages, on loopback. People are made up from the name that is typed:
// "name" has the verified address name@halden.example, "name-unverified" one that is not verified.
import { createServer } from "node:http";
import Provider from "oidc-provider";

/** { issuer, stop } */
export async function startProvider({ port, clientId, clientSecret, redirectUri, home }) {
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], post_logout_redirect_uris: [home] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true, methods: ["S256"] },
    cookies: { keys: ["for this test only"] },
    findAccount: (context, id) => ({
      accountId: id,
      claims: () => ({ sub: `subject-of-${id}`, email: `${id.replace("-unverified", "")}@halden.example`, email_verified: !id.endsWith("-unverified"), name: `Person ${id}` }),
    }),
  });
  const server = createServer(provider.callback());
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return { issuer, stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}
