// Requests a stream, reads everything that its provider sends, and ends it.
//
// EKO_PROFILE  how to reach the ledger, and as whom
// EKO_KEYS     the key folder that `eko node init` made
import { finished } from 'node:stream/promises';
import { EkoClient, readFabricProfile } from '@eko/sdk';

const [profile, keysDirectory] = ['EKO_PROFILE', 'EKO_KEYS'].map(required);

const client = await EkoClient.connect({
  ledger: await readFabricProfile(profile),
  keysDirectory,
  allowAddresses: ['127.0.0.0/8'], // other nodes on this machine; leave it out on the Internet
});

try {
  const stream = await client.requestStream(
    {
      provider: 'provider',
      durationSeconds: 600,
      // Three witnesses are drawn, of three organisations; two of them must agree, so that no organisation can alone.
      witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
      // Two orchestrators make the key: it stays unknown to both while one of them is honest.
      dealers: 2,
      onLedgerLoss: 'close',
    },
    { dataType: 'file', permissions: ['read'] },
  );
  console.log(`requested ${stream.id}`);

  // A Duplex: waits for the consent, the key and the connection, and breaks when the stream is revoked.
  const connection = await stream.open();
  // A plain `for await` would destroy the connection after its last byte; we still have to end our own side.
  for await (const chunk of connection.iterator({ destroyOnReturn: false })) process.stdout.write(chunk);
  connection.end();
  await finished(connection);

  await stream.complete();
  console.log(`${stream.id} is ${stream.state}`);
} finally {
  await client.close();
}

/** A variable that this program cannot do without. */
function required(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`set ${name}: see the top of this file`);
  process.exit(78);
}
