// An OpenID provider for tests: everybody who types a name is that subject.
// Arguments: the redirect address. It prints its issuer when it listens.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const [redirect] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'tocsin', client_secret: 'a secret of the test', redirect_uris: [redirect], require_auth_time: true }],
    pkce: { required: () => true, methods: ['S256'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  server.on('request', provider.callback());
  console.log(`issuer ${issuer}`);
});
process.stdin.resume().on('end', () => process.exit(0)); // it ends with the test
